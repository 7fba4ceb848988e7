#include "sim_actor.hpp"

#include <utility>

namespace skep::simulation {

void SimActor::handle(Body body) {
  if (stopped_) {
    mailbox_.push_back(std::move(body));
  } else {
    dispatch(body);
  }
}

void SimActor::release() {
  stopped_ = false;
  for (auto& body : std::exchange(mailbox_, {})) dispatch(body);
}

void SimActor::dispatch(Body& body) {
  if (const auto* forth = std::get_if<EdgeForth>(&body)) {
    receive(*forth);
  } else if (const auto* back = std::get_if<EdgeBack>(&body)) {
    on_ack(*back);
  } else if (const auto* update = std::get_if<TableUpdate>(&body)) {
    apply(update->table);
  } else if (const auto* timer = std::get_if<Timer>(&body)) {
    on_timer(timer->kind);
  }
}

}  // namespace skep::simulation
