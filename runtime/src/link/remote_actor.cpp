#include "link/remote_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace skep {
namespace {

/// Takes the one element of that type out of `content`, or copies it where others have the message too, and sends it.
template <class T>
bool send_as(caf::type_erased_tuple& content, const BeeAddress& to, RemoteOutlet& outlet) {
  if (!content.match_elements<T>()) return false;
  outlet.send(to, content.move_if_unshared<T>(0));
  return true;
}

/// Only requests are answered. CAF's own `bounce` says request_receiver_down, whatever it is given.
void answer(const caf::mailbox_element& what, caf::error error) {
  if (!what.sender || !what.mid.is_request()) return;
  what.sender->enqueue(nullptr, what.mid.response_id(), caf::make_message(std::move(error)), nullptr);
}

}  // namespace

caf::actor RemoteActor::make(caf::actor_system& system, const caf::node_id& node, const BeeAddress& address,
                             RemoteOutletPtr outlet) {
  caf::actor_config config;
  return caf::make_actor<RemoteActor, caf::actor>(system.next_actor_id(), node, &system, config, address,
                                                  std::move(outlet));
}

bool RemoteActor::hand_on(caf::mailbox_element& what) {
  auto& content = what.content();
  return what.mid.is_async() &&
         (send_as<RecordBatch>(content, address_, *outlet_) || send_as<BatchAck>(content, address_, *outlet_) ||
          send_as<ReplyBatch>(content, address_, *outlet_));
}

void RemoteActor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  if (getf(is_terminated_flag)) return answer(*what, fail_state());
  if (hand_on(*what)) return;
  outlet_->refused(address_);
  answer(*what, caf::sec::unexpected_message);
}

void RemoteActor::kill_proxy(caf::execution_unit* context, caf::error reason) {
  cleanup(std::move(reason), context);
}

void kill_remote(const caf::actor& proxy, caf::error reason) {
  static_cast<caf::actor_proxy*>(caf::actor_cast<caf::abstract_actor*>(proxy))->kill_proxy(nullptr, std::move(reason));
}

}  // namespace skep
