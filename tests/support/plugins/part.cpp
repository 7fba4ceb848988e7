// One bee of a payload type, in three plug-ins with three schemas of one id: two versions, and another type.

#include PART_SCHEMA

#include "skep/actors/plugin.hpp"

namespace {

class Take final : public skep::Bee {
 public:
  using Input = part::Part;
  using Output = part::Part;
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Take>(PART_CLASS);
}
