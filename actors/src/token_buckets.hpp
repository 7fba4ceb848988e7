#pragma once
// Token buckets, one for each key: so many records a second, and a burst beyond. Each is a single time, that at which
// its bucket will be full again (the generic cell rate algorithm, ITU-T I.371, as a virtual schedule): nothing is
// refilled, and nothing drifts. A full bucket is forgotten. Pure.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace skep {

class TokenBuckets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Settings {
    double rate = 1;  ///< records a second
    std::uint64_t burst = 1;
    std::size_t keys_max = 1;
  };
  enum class Verdict { passed, over_rate, keys_full };

  explicit TokenBuckets(const Settings& settings);

  [[nodiscard]] Verdict take(std::string_view key, Time now);
  [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }

 private:
  struct Bucket {
    std::string key;
    Time full_at;
  };
  using Buckets = std::list<Bucket>;

  void forget_full(Time now);

  std::chrono::nanoseconds each_;      ///< until a token is back
  std::chrono::nanoseconds full_max_;  ///< ahead that `full_at` may be for a token to be there
  std::size_t keys_max_;
  Buckets buckets_;                                       ///< those used longest ago first
  std::map<std::string_view, Buckets::iterator> by_key_;  ///< no hash: clients choose them
};

}  // namespace skep
