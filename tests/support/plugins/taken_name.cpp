// A plug-in that wants a name which is Skep's own, beside one which is not.

#include "skep/actors/plugin.hpp"

namespace {

class Plain final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override { out.emit(std::move(record)); }
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Plain>("other.plain");
  bees.add<Plain>("skep.filter");
}
