#include "testing/memory_gateway.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "gateway_actor.hpp"
#include "testing/actor_wakeup.hpp"
#include "testing/memory_session.hpp"

namespace skep::testing {
namespace {

using SessionOfMemory = boost::intrusive_ptr<MemorySession>;

struct Connect {
  MemoryClient* client;
};
struct Say {
  MemoryClient* client;
  std::vector<MemoryGateway::Said> all;
};
struct Leave {
  MemoryClient* client;
};

}  // namespace
}  // namespace skep::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Connect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Say)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Leave)

namespace skep::testing {
namespace {

class MemoryGatewayActor final : public GatewayActor {
 public:
  MemoryGatewayActor(caf::actor_config& config, MemoryGateway& gateway, NodeAdmission& admission, GatewayPlan plan,
                     GatewaySettings settings)
      : GatewayActor(config, thread(admission), with_transport(std::move(plan), gateway), std::move(settings)),
        gateway_(gateway) {}

 protected:
  caf::behavior make_behavior() override {
    return caf::message_handler{
        [this](const Connect& message) { connect(*message.client); },
        [this](Say& message) {
          if (const auto session = find(message.client)) session->take(std::move(message.all));
        },
        [this](const Leave& message) {
          if (const auto session = find(message.client)) session->close();
        },
        [](const Woken& message) { ActorWakeup::take(message); },
    }
        .or_else(handlers());
  }

 private:
  GatewayThread thread(NodeAdmission& admission) { return {ActorWakeup::maker(*this), admission}; }
  static GatewayPlan with_transport(GatewayPlan plan, MemoryGateway& gateway) {
    plan.make = [&gateway](GatewayCore& core) { return std::make_unique<MemoryTransport>(core, gateway.sent); };
    return plan;
  }

  void connect(MemoryClient& client) {
    client.open = !core().draining();
    if (!client.open) return;
    const SessionOfMemory session(new MemorySession(core(), client, gateway_.wire));
    sessions_[&client] = session;
    core().add(session);
  }
  [[nodiscard]] SessionOfMemory find(MemoryClient* client) const {
    const auto found = sessions_.find(client);
    return found == sessions_.end() ? nullptr : found->second;
  }

  MemoryGateway& gateway_;
  std::map<MemoryClient*, SessionOfMemory> sessions_;  // looked up, never walked: its order changes from run to run
};

}  // namespace

MemoryClient& MemoryGateway::connect() {
  auto& client = clients.emplace_back();
  caf::anon_send(actor, Connect{&client});
  return client;
}

void MemoryGateway::say(MemoryClient& client, std::vector<Said> all) {
  client.said += all.size();
  caf::anon_send(actor, Say{&client, std::move(all)});
}

void MemoryGateway::leave(MemoryClient& client) {
  caf::anon_send(actor, Leave{&client});
}

caf::actor MemoryGateways::spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) {
  auto& gateway = gateways_[settings.name];
  gateway.wire = plan.wire;
  gateway.answers = settings.answers;
  gateway.actor =
      system.spawn<MemoryGatewayActor>(std::ref(gateway), std::ref(admission_), std::move(plan), std::move(settings));
  return gateway.actor;
}

MemoryGateway* MemoryGateways::find(std::string_view name) {
  const auto found = gateways_.find(name);
  return found == gateways_.end() ? nullptr : &found->second;
}

std::vector<std::string> MemoryGateways::names() const {
  std::vector<std::string> names;
  for (const auto& [name, gateway] : gateways_) names.push_back(name);
  return names;
}

}  // namespace skep::testing
