#include "open_requests.hpp"

#include <cassert>
#include <utility>

namespace skep {

std::size_t size_of(const Answer& answer) noexcept {
  if (const auto* record = std::get_if<Record>(&answer)) return record->size();
  return std::get<Failure>(answer).message.size();
}

bool is_error(const Answer& answer) noexcept {
  const auto* record = std::get_if<Record>(&answer);
  return record == nullptr || record->content().kind == ContentKind::error;
}

std::uint64_t OpenRequests::open(Time deadline, std::size_t bytes, TypedAs typed_as) {
  assert(deadline >= last_deadline_);
  auto& place = add();
  last_deadline_ = deadline;
  place.deadline = deadline;
  place.bytes = bytes;
  place.typed_as = typed_as;
  bytes_ += bytes;
  ++open_;
  ++places_;
  return end_++;
}

void OpenRequests::refuse(Failure failure) {
  auto& place = add();
  ++open_;
  ++places_;
  fill(end_++, place, std::move(failure));
}

void OpenRequests::fill(std::uint64_t request, Place& place, Answer&& answer) {
  assert(open_ > 0 && !place.answer);
  held_bytes_ += size_of(answer);
  place.answer = std::move(answer);
  excess_bytes_ += excess(place);
  --open_;
  filled(request);
}

std::size_t OpenRequests::excess(const Place& place) noexcept {
  const auto size = size_of(*place.answer);
  return size > place.bytes ? size - place.bytes : 0;
}

const OpenRequests::Request* OpenRequests::awaits(std::uint64_t request) const noexcept {
  const auto* place = find(request);
  return place != nullptr && !place->answer ? place : nullptr;
}

OpenRequests::Accepted OpenRequests::answer(std::uint64_t request, Answer&& answer) {
  auto* place = find(request);
  if (place == nullptr || place->answer) return Accepted::late;
  fill(request, *place, std::move(answer));
  return Accepted::yes;
}

void OpenRequests::answer(std::uint64_t request, const Request& found, Answer&& answer) {
  fill(request, const_cast<Place&>(static_cast<const Place&>(found)), std::move(answer));
}

std::optional<Answer> OpenRequests::next() {
  const auto [request, place] = first();
  if (place == nullptr) return std::nullopt;
  taken_ = request;
  const auto held = size_of(*place->answer), more = excess(*place);
  assert(places_ > 0 && place->bytes <= bytes_ && held <= held_bytes_ && more <= excess_bytes_);
  excess_bytes_ -= more;
  bytes_ -= place->bytes;
  held_bytes_ -= held;
  --places_;
  std::optional<Answer> answer(std::move(*place->answer));
  drop_first();
  return answer;
}

}  // namespace skep
