#include "skep/actors/departed_sessions.hpp"

namespace skep {

void DepartedSessions::add(const Origin& session, Time last_deadline) noexcept {
  add(name_of(session), last_deadline);
}

void DepartedSessions::add_request(const Origin& request, Time deadline) noexcept {
  add(name_of_request(request), deadline);
}

void DepartedSessions::add(std::uint64_t name, Time last_deadline) noexcept {
  places_[place_of(name)].store(name, std::memory_order_relaxed);
  const auto until = last_deadline.time_since_epoch().count();
  auto known = until_.load(std::memory_order_relaxed);
  while (known < until && !until_.compare_exchange_weak(known, until, std::memory_order_relaxed)) continue;
}

}  // namespace skep
