#include "actor_round.hpp"

#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_handler.hpp>
#include <caf/others.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <optional>

#include "skep/actors/caf_error.hpp"

namespace skep::detail {

namespace {

Error error_of(const caf::error& error) {
  if (error && error == caf::sec::request_timeout) return {errc::timed_out, "no answer in time"};
  if (error && error == caf::sec::request_receiver_down) return {errc::unavailable, "it ended"};
  return from_caf_error(error);
}

}  // namespace

Result<caf::message> ActorRound::answer(Handle& handle) {
  std::optional<Error> failure;
  caf::message content;
  handle.receive([&](const caf::error& error) { failure = error_of(error); },
                 caf::others >> [&](caf::message_view& view) -> caf::result<caf::message> {
                   content = view.move_content_to_message();
                   return caf::message{};
                 });
  if (failure) return *failure;
  return content;
}

/// They are taken out to be counted, and put back to be received: counting in place would instantiate CAF's queues
/// here, of whose sentinels UBSan complains.
void ActorRound::run_until(std::size_t messages) {
  if (!run_) return;
  std::vector<caf::mailbox_element_ptr> come;
  while (come.size() < messages) {
    run_([this] { return self_->has_next_message(); });
    if (!self_->has_next_message()) break;
    come.push_back(self_->dequeue());
  }
  for (auto& message : come) self_->enqueue(std::move(message), nullptr);
}

std::vector<Result<caf::message>> ActorRound::answers() {
  std::vector<Result<caf::message>> answers;
  answers.reserve(handles_.size());
  run_until(handles_.size());
  for (auto& handle : handles_) answers.push_back(answer(handle));
  handles_.clear();
  return answers;
}

std::size_t ActorRound::end(const std::vector<caf::actor>& actors) {
  for (const auto& actor : actors) {
    self_->monitor(actor);
    self_->send_exit(actor, caf::exit_reason::user_shutdown);
  }
  run_until(actors.size());
  const auto deadline = std::chrono::steady_clock::now() + time_max_;
  std::size_t left = actors.size();
  bool waiting = true;
  while (left > 0 && waiting) {
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    self_->receive([&](const caf::down_msg&) { --left; },
                   caf::after(std::max(time, std::chrono::milliseconds{0})) >> [&] { waiting = false; });
  }
  return left;
}

}  // namespace skep::detail
