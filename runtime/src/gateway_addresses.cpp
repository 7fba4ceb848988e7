#include "gateway_addresses.hpp"

#include <algorithm>
#include <utility>

#include "problem_list.hpp"

namespace skep {

namespace {

/// The options of a gateway with another address.
OptionValue with_address(OptionValue options, const std::string& key, const GatewayAddress& address) {
  if (auto* table = std::get_if<OptionValue::Table>(&options.value)) {
    std::erase_if(*table, [&](const OptionValue::Member& member) { return member.key == key; });
    table->push_back({key, address.position, {address.listen, address.listen_position}});
  }
  return options;
}

class Mover {
 public:
  Mover(const NodeConfig& node, const GatewayRegistry& gateways, std::vector<Catalog::Checked>& swarms)
      : node_(node), gateways_(gateways), swarms_(swarms), problems_(node.file) {}

  std::vector<Problem> run() {
    for (const auto& address : node_.gateways) move(address);
    for (const auto& address : node_.gateways) check_free(address);
    return std::move(problems_).take();
  }

 private:
  void move(const GatewayAddress& address) {
    auto* swarm = find(address);
    auto* gateway = swarm == nullptr ? nullptr : find(address, *swarm);
    if (gateway == nullptr || !gateway->configured.problems.empty()) return;
    const auto* type = gateways_.find(gateway->spec.type);
    if (type == nullptr) return;
    if (!gateway->configured.listen) {
      return problems_.error(address.position, "gateway '" + address.gateway + "' of swarm '" + address.swarm +
                                                   "' does not listen anywhere");
    }
    auto moved = type->configure(with_address(gateway->spec.options, gateway->configured.listen_option, address),
                                 address.listen_position);
    problems_.add(moved.problems);
    if (moved.problems.empty()) gateway->configured = std::move(moved);
  }

  /// Names that are not known are no mistake where a file, which may have them, could not be read.
  Catalog::Checked* find(const GatewayAddress& address) {
    std::vector<std::string> known;
    for (auto& swarm : swarms_) {
      if (swarm.spec.name == address.swarm) return &swarm;
      known.push_back(swarm.spec.name);
    }
    if (std::ranges::find(known, "") == known.end()) {
      problems_.error(address.position, "no swarm '" + address.swarm + "' runs on this node",
                      suggest(address.swarm, known));
    }
    return nullptr;
  }

  PlannedGateway* find(const GatewayAddress& address, Catalog::Checked& swarm) {
    std::vector<std::string> known;
    for (auto& gateway : swarm.plan.gateways) {
      if (gateway.spec.name == address.gateway) return &gateway;
      known.push_back(gateway.spec.name);
    }
    if (swarm.ok()) {
      problems_.error(address.position, "swarm '" + address.swarm + "' has no gateway '" + address.gateway + "'",
                      suggest(address.gateway, known));
    }
    return nullptr;
  }

  /// Of two that were moved, the one that stands later in the file is told.
  void check_free(const GatewayAddress& address) {
    const auto* gateway = planned(address);
    if (gateway == nullptr) return;
    for (const auto& swarm : swarms_) {
      for (const auto& other : swarm.plan.gateways) {
        if (&other == gateway || !gateway->configured.clashes(other.configured)) continue;
        if (stands_later(swarm.spec.name, other.spec.name, address)) continue;
        return problems_.error(address.listen_position,
                               "gateway '" + other.spec.name + "' of swarm '" + swarm.spec.name + "' listens on " +
                                   to_string(*other.configured.listen) + " already",
                               "choose another port");
      }
    }
  }

  [[nodiscard]] const PlannedGateway* planned(const GatewayAddress& address) const {
    const auto swarm = std::ranges::find_if(swarms_, [&](const auto& one) { return one.spec.name == address.swarm; });
    if (swarm == swarms_.end()) return nullptr;
    const auto& all = swarm->plan.gateways;
    const auto gateway = std::ranges::find_if(all, [&](const auto& one) { return one.spec.name == address.gateway; });
    return gateway == all.end() ? nullptr : &*gateway;
  }

  [[nodiscard]] bool stands_later(const std::string& swarm, const std::string& gateway,
                                  const GatewayAddress& address) const {
    return std::ranges::any_of(node_.gateways, [&](const GatewayAddress& other) {
      return other.swarm == swarm && other.gateway == gateway && other.position > address.position;
    });
  }

  const NodeConfig& node_;
  const GatewayRegistry& gateways_;
  std::vector<Catalog::Checked>& swarms_;
  ProblemList problems_;
};

}  // namespace

std::vector<Problem> move_gateways(const NodeConfig& node, const GatewayRegistry& gateways,
                                   std::vector<Catalog::Checked>& swarms) {
  return Mover(node, gateways, swarms).run();
}

bool is_moved(const NodeConfig& node, const std::string& swarm, const std::string& gateway) {
  return std::ranges::any_of(node.gateways, [&](const GatewayAddress& address) {
    return address.swarm == swarm && address.gateway == gateway;
  });
}

}  // namespace skep
