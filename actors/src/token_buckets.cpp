#include "token_buckets.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace skep {

TokenBuckets::TokenBuckets(const Settings& settings)
    : each_(std::llround(1e9 / settings.rate)),
      full_max_(each_ * static_cast<std::int64_t>(settings.burst - 1)),
      keys_max_(settings.keys_max) {}

TokenBuckets::Verdict TokenBuckets::take(std::string_view key, Time now) {
  forget_full(now);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (buckets_.size() >= keys_max_) return Verdict::keys_full;
    buckets_.push_back({std::string(key), now});
    found = by_key_.emplace(buckets_.back().key, std::prev(buckets_.end())).first;
  }
  auto& bucket = *found->second;
  if (bucket.full_at - now > full_max_) return Verdict::over_rate;
  bucket.full_at = std::max(bucket.full_at, now) + each_;
  buckets_.splice(buckets_.end(), buckets_, found->second);
  return Verdict::passed;
}

/// Those that were used longest ago; one that is not full yet keeps the others behind it, until its turn comes.
void TokenBuckets::forget_full(Time now) {
  while (!buckets_.empty() && buckets_.front().full_at <= now) {
    by_key_.erase(buckets_.front().key);
    buckets_.pop_front();
    assert(by_key_.size() == buckets_.size());
  }
}

}  // namespace skep
