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
  return end_++;
}

void OpenRequests::refuse(Failure failure) {
  auto& place = add();
  ++open_;
  fill(end_++, place, std::move(failure));
}

void OpenRequests::fill(std::uint64_t request, Place& place, Answer answer) {
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

bool OpenRequests::awaits(std::uint64_t request) const noexcept {
  const auto* place = find(request);
  return place != nullptr && !place->answer;
}

OpenRequests::Accepted OpenRequests::answer(std::uint64_t request, Answer answer) {
  auto* place = find(request);
  if (place == nullptr || place->answer) return Accepted::late;
  fill(request, *place, std::move(answer));
  return Accepted::yes;
}

const OpenRequests::Place& OpenRequests::there(std::uint64_t request) const noexcept {
  const auto* place = find(request);
  assert(place != nullptr);
  return *place;
}

std::optional<Answer> OpenRequests::next() {
  auto next = take();
  if (!next) return std::nullopt;
  auto& place = next->place;
  taken_ = next->request;
  excess_bytes_ -= excess(place);
  bytes_ -= place.bytes;
  held_bytes_ -= size_of(*place.answer);
  return std::move(place.answer);
}

}  // namespace skep
