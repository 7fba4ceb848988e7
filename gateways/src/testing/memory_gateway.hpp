#pragma once
// Gateways whose clients are objects of a test: no sockets, no thread, the actor system's own time.
//
// Everything behind the socket is the real thing: GatewayCore admits, orders, expires, refuses and drains, and what a
// client reads is made by `answer_text`. What belongs to sockets is left out: connections, framing, sizes of frames,
// `sessions_max`, `idle_max`, clients that do not read. Every type of gateway is replaced; where it listens is ignored.
//
// Threads: one, that of the test, which also runs the actors.

#include <caf/actor.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway_plan.hpp"
#include "node_admission.hpp"
#include "open_requests.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/gateways/limits.hpp"

namespace skep::testing {

/// A client's side of a session.
struct MemoryClient {
  /// What came to it: the answer, and how its client reads it.
  struct Heard {
    Answer answer;
    std::string text;
  };

  std::vector<Heard> heard;  ///< in the order in which it was written
  std::uint64_t said = 0;
  bool open = true;  ///< until either side closes it, or the gateway does not take it
};

/// A gateway as a test sees it. Outlives its actor, which may be replaced.
class MemoryGateway {
 public:
  /// What a client sends at once, as one read of a socket brings it.
  struct Said {
    ContentKind kind = ContentKind::json;
    std::string bytes;
  };

  [[nodiscard]] MemoryClient& connect();
  void say(MemoryClient& client, std::vector<Said> all);
  void leave(MemoryClient& client);

  caf::actor actor;
  WireForm wire;
  bool answers = false;
  std::vector<Record> sent;          ///< records that went out
  std::deque<MemoryClient> clients;  ///< all there ever were
};

class MemoryGateways final : public GatewayHost {
 public:
  [[nodiscard]] caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) override;

  /// By name; null if there is none.
  [[nodiscard]] MemoryGateway* find(std::string_view name);
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, MemoryGateway, std::less<>> gateways_;
  NodeAdmission admission_{limits::node_payload_bytes_max};
};

}  // namespace skep::testing
