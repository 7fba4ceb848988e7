// The plug-in of the echo swarm: a bee that answers every record with itself.

#include <string>

#include "skep/actors/plugin.hpp"

namespace {

class Echo final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Echo>& c) { c.summary("Sends every record on as it came."); }
  void on_record(skep::Record record, skep::Outbox& out) override { out.emit(std::move(record)); }
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Echo>("bench.echo");
}
