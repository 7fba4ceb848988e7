#include "trace.hpp"

#include <array>
#include <cstdio>

namespace skep::simulation {
namespace {

/// By Mark; the numbers of an event in its order.
constexpr std::array formats{
    "packet of actor %llu to actor %llu: first %llu, %llu records",
    "stale packet of actor %llu to actor %llu: sender %llu, receiver %llu",
    "ack of actor %llu to actor %llu: done %llu, expected %llu",
    "timer of actor %llu, kind %llu",
    "node %llu takes table %llu",
    "lost on the way from node %llu to node %llu",
    "actor %llu takes %llu records into work, the first is %llu, %llu wait",
    "actor %llu is the end of record %llu, occurrence %llu",
    "gateway %llu answers session %llu, request %llu (record: %llu)",
    "gateway %llu admits record %llu of session %llu with key %llu",
    "gateway %llu refuses a request of session %llu",
    "operation %llu begins: kind %llu on %llu, %llu",
    "operation %llu ends: kind %llu on %llu, %llu",
    "controller: node %llu is lost",
    "controller: node %llu is there",
    "actor %llu starts on node %llu, epoch %llu.%llu",
    "actor %llu ends on node %llu, epoch %llu.%llu",
    "actor %llu sends to actor %llu in its epoch %llu, again from %llu",
    "actor %llu sends no more to actor %llu: %llu were sent, %llu given",
    "actor %llu has no room for actor %llu: record %llu is dropped, at record %llu",
    "actor %llu does not give actor %llu record %llu again, which ends it",
    "actor %llu holds record %llu, as one of %llu",
    "actor %llu lets go of record %llu, %llu remain",
};
static_assert(formats.size() == static_cast<std::size_t>(Trace::Mark::let_go) + 1);

}  // namespace

void Trace::note(Time at, Mark mark, std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  mix(static_cast<std::uint64_t>(at.time_since_epoch().count()) * 32 + static_cast<std::uint64_t>(mark));
  mix((a << 48) ^ (b << 32) ^ (c << 16) ^ d);
  const Event event{at, mark, a, b, c, d};
  if (kept_.size() < kept_max_) {
    kept_.push_back(event);
  } else if (kept_max_ != 0) {
    kept_[count_ % kept_max_] = event;
  }
  ++count_;
}

std::string Trace::text() const {
  std::string text;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const auto& [at, mark, a, b, c, d] = kept_[count_ > kept_max_ ? (count_ + i) % kept_max_ : i];
    char line[200];
    const auto seconds = std::chrono::duration<double>(at.time_since_epoch()).count();
    auto used = std::snprintf(line, sizeof line, "%12.6f s  ", seconds);
    const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    const auto rest = sizeof line - static_cast<std::size_t>(used);
    std::snprintf(line + used, rest, formats[static_cast<std::size_t>(mark)], number(a), number(b), number(c),
                  number(d));
    text.append(line).push_back('\n');
  }
  return text;
}

}  // namespace skep::simulation
