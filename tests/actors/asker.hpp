#pragma once
// An actor that sends one request and notes the answer.

#include <caf/event_based_actor.hpp>

#include <memory>
#include <type_traits>
#include <utility>

#include "bee_actor_fixture.hpp"
#include "skep/actors/caf_error.hpp"

namespace skep {

template <class Message>
class Asker final : public caf::event_based_actor {
 public:
  Asker(caf::actor_config& config, caf::actor bee, Message message, std::shared_ptr<Answer> answer)
      : caf::event_based_actor(config),
        bee_(std::move(bee)),
        message_(std::move(message)),
        answer_(std::move(answer)) {}

 protected:
  caf::behavior make_behavior() override {
    auto on_error = [this](caf::error& error) { answer_->error = from_caf_error(error); };
    if constexpr (std::is_same_v<Message, Drain> || std::is_same_v<Message, ReadCounters>) {
      request(bee_, caf::infinite, message_)
          .then(
              [this](const BeeCounters& counters) {
                *answer_ = {true, std::nullopt, counters};
              },
              on_error);
    } else {
      request(bee_, caf::infinite, message_).then([this] { answer_->ok = true; }, on_error);
    }
    return {};
  }

 private:
  caf::actor bee_;
  Message message_;
  std::shared_ptr<Answer> answer_;
};

}  // namespace skep
