#include "skep/actors/watchdog.hpp"

#include <algorithm>

namespace skep {

WatchedTime::Time WatchedTime::at(Time now) {
  if (last_) missed_ += std::max(now - *last_ - gap_max_, std::chrono::nanoseconds::zero());
  last_ = now;
  return now - missed_;
}

std::vector<Watchdog::Finding> Watchdog::look(std::span<const CallInProgress> calls, Time now) {
  std::vector<Finding> findings;
  std::map<std::uint64_t, Named> still_named;
  for (const auto& call : calls) {
    const auto duration = now - call.since;
    const auto time_max = call.time_max.value_or(call_time_max_);
    if (time_max == time_max.zero() || duration <= time_max) continue;
    const auto known = named_.find(call.bee);
    const bool same = known != named_.end() && known->second.since == call.since;
    still_named[call.bee] = {call.since, duration};
    if (same)
      named_.erase(known);  // what is left returned
    else
      findings.push_back({Finding::Kind::stuck, call.bee, duration, call.execution == Execution::dedicated});
  }
  std::vector<Finding> returned;
  for (const auto& [bee, named] : named_) returned.push_back({Finding::Kind::returned, bee, named.duration, false});
  findings.insert(findings.begin(), returned.begin(), returned.end());
  named_ = std::move(still_named);
  return findings;
}

}  // namespace skep
