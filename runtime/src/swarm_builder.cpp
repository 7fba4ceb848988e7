#include "skep/runtime/swarm_builder.hpp"

#include <stdexcept>

namespace skep {

detail::SwarmDraft& SwarmBuilder::draft() const {
  if (!draft_) throw std::logic_error("this SwarmBuilder was moved from");
  return *draft_;
}

SwarmBuilder& SwarmBuilder::plugin(std::string name, std::string sha256, CodePlace place) {
  draft().add_plugin(std::move(name), std::move(sha256), place);
  return *this;
}

SwarmBuilder& SwarmBuilder::delivery(Delivery delivery) {
  draft().spec().delivery = delivery;
  return *this;
}

SwarmBuilder& SwarmBuilder::dead_letters(DeadLetterSettings settings) {
  draft().spec().dead_letters = settings;
  return *this;
}

SwarmBuilder& SwarmBuilder::supervision(SupervisorSettings settings, CodePlace place) {
  draft().set_supervision(settings, place);
  return *this;
}

SwarmSpec SwarmBuilder::spec() const {
  auto spec = draft().file().spec;
  draft().locate(spec);
  return spec;
}

Catalog::Checked SwarmBuilder::build(Catalog& catalog) const {
  return build([&catalog](SwarmFile file) { return catalog.check(std::move(file)); });
}

Catalog::Checked SwarmBuilder::build(const std::function<Catalog::Checked(SwarmFile)>& check) const {
  auto checked = check(draft().file());
  for (auto& problem : checked.problems) draft().locate(problem);
  draft().locate(checked.spec);
  for (auto& bee : checked.plan.bees) draft().locate(bee.spec);
  for (auto& gateway : checked.plan.gateways) draft().locate(gateway.spec);
  return checked;
}

}  // namespace skep
