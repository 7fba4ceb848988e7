#include "open_requests.hpp"

#include <cassert>
#include <utility>

namespace skep {

bool is_error(const Answer& answer) noexcept {
  const auto* record = std::get_if<Record>(&answer);
  return record == nullptr || record->content().kind == ContentKind::error;
}

std::size_t OpenRequests::Place::answer_bytes() const noexcept {
  assert(answered());
  return record ? record.size() : failure->message.size();
}

/// Of its answer, what is more than its request.
std::size_t OpenRequests::Place::excess_bytes() const noexcept {
  const auto size = answer_bytes();
  return size > bytes ? size - bytes : 0;
}

void OpenRequests::Place::put(Answer&& answer) {
  assert(!answered());
  if (auto* its = std::get_if<Record>(&answer)) {
    record = std::move(*its);
  } else {
    failure = std::make_unique<Failure>(std::get<Failure>(std::move(answer)));
  }
}

Answer OpenRequests::Place::take() noexcept {
  assert(answered());
  if (record) return std::exchange(record, {});
  return std::move(*std::exchange(failure, nullptr));
}

std::uint64_t OpenRequests::open(Time deadline, std::size_t bytes, TypedAs typed_as) {
  assert(deadline >= last_deadline_);
  auto& place = add();
  last_deadline_ = deadline;
  static_cast<Request&>(place) = {deadline, bytes, typed_as};
  bytes_ += bytes;
  ++open_;
  ++places_;
  return end_++;
}

void OpenRequests::refuse(Failure failure) {
  auto& place = add();
  static_cast<Request&>(place) = {};
  ++open_;
  ++places_;
  fill(end_++, place, std::move(failure));
}

void OpenRequests::fill(std::uint64_t request, Place& place, Answer&& answer) {
  assert(open_ > 0);
  place.put(std::move(answer));
  held_bytes_ += place.answer_bytes();
  excess_bytes_ += place.excess_bytes();
  --open_;
  filled(request);
}

const OpenRequests::Request* OpenRequests::awaits(std::uint64_t request) const noexcept {
  const auto* place = find(request);
  return place != nullptr && !place->answered() ? place : nullptr;
}

OpenRequests::Accepted OpenRequests::answer(std::uint64_t request, Answer&& answer) {
  auto* place = find(request);
  if (place == nullptr || place->answered()) return Accepted::late;
  fill(request, *place, std::move(answer));
  return Accepted::yes;
}

void OpenRequests::answer(std::uint64_t request, const Request& found, Answer&& answer) {
  fill(request, const_cast<Place&>(static_cast<const Place&>(found)), std::move(answer));
}

void OpenRequests::pass(std::uint64_t request, const Request& found) {
  assert(leads(request) && open_ > 0 && found.bytes <= bytes_);
  bytes_ -= found.bytes;
  --open_;
  --places_;
  taken_ = request;
  drop(request);
}

std::optional<Answer> OpenRequests::next() {
  const auto [request, place] = first();
  if (place == nullptr) return std::nullopt;
  taken_ = request;
  const auto held = place->answer_bytes(), more = place->excess_bytes();
  assert(places_ > 0 && place->bytes <= bytes_ && held <= held_bytes_ && more <= excess_bytes_);
  excess_bytes_ -= more;
  bytes_ -= place->bytes;
  held_bytes_ -= held;
  --places_;
  std::optional<Answer> answer(place->take());
  drop(request);
  return answer;
}

}  // namespace skep
