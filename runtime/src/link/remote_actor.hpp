#pragma once
// A bee or a gateway on another node, as its neighbours here address it: a caf::actor like any other.
//
// Whoever sends to it calls, in its own thread, what hands the message to the link; there is no mailbox between. Only
// records, answers and acknowledgements cross. Everything else stays here: a request is answered with
// sec::unexpected_message at once, and any other message is dropped; both are told to the outlet, for a count.
// `monitor` works as with a local actor: DOWN follows when the link has ended or the other node says that the actor has
// (`kill_proxy`). From then on requests are answered with the reason and the rest is dropped, as CAF does with messages
// to an actor that has ended.
//
// Lifetime: CAF's monitors hold no actor alive, so the link keeps each proxy until it has killed it. A sender may be
// inside the outlet at that moment, so a proxy shares it. Threads: any may send, and kill.

#include <caf/actor.hpp>
#include <caf/actor_proxy.hpp>
#include <caf/fwd.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/ref_counted.hpp>

#include <cstdint>

#include "skep/actors/edge_messages.hpp"

namespace skep {

/// Which bee or gateway of which swarm: never an id of CAF's, which another process might have too.
struct BeeAddress {
  std::uint32_t swarm = 0;  ///< its number on the link: the place in the hello
  std::uint32_t part = 0;
  std::uint32_t replica = 0;
  Epoch epoch{};  ///< of its placement
  friend auto operator<=>(const BeeAddress&, const BeeAddress&) = default;
};

/// Where a proxy hands its messages: the link, or nobody once that has ended. Called in the threads of the senders.
class RemoteOutlet : public caf::ref_counted {
 public:
  virtual void send(const BeeAddress& to, RecordBatch batch) = 0;
  virtual void send(const BeeAddress& to, ReplyBatch batch) = 0;
  virtual void send(const BeeAddress& to, BatchAck ack) = 0;
  /// A message that does not cross.
  virtual void refused(const BeeAddress& to) = 0;
};

using RemoteOutletPtr = caf::intrusive_ptr<RemoteOutlet>;

class RemoteActor final : public caf::actor_proxy {
 public:
  /// Use `make`.
  RemoteActor(caf::actor_config& config, const BeeAddress& address, RemoteOutletPtr outlet)
      : caf::actor_proxy(config), address_(address), outlet_(std::move(outlet)) {}

  /// `node` is not this one's, so that CAF takes the actor for a remote one.
  [[nodiscard]] static caf::actor make(caf::actor_system& system, const caf::node_id& node, const BeeAddress& address,
                                       RemoteOutletPtr outlet);

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* context) override;
  void kill_proxy(caf::execution_unit* context, caf::error reason) override;
  [[nodiscard]] const char* name() const override { return "remote"; }

 private:
  [[nodiscard]] bool hand_on(caf::mailbox_element& what);

  BeeAddress address_;
  RemoteOutletPtr outlet_;
};

/// Ends a proxy that `make` made: those who monitor it get DOWN with `reason`.
void kill_remote(const caf::actor& proxy, caf::error reason);

}  // namespace skep
