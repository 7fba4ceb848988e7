#include "bench/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace skep::bench {
namespace {

constexpr unsigned step_bits = 6;  // 64 buckets for each power of two: their middles are 1/128 off at most
constexpr std::uint64_t steps = 1u << step_bits;
constexpr auto least_ns = static_cast<std::uint64_t>(LatencyHistogram::least.count());
constexpr auto most_ns = static_cast<std::uint64_t>(LatencyHistogram::most.count());
constexpr unsigned first_width = std::bit_width(least_ns);
constexpr std::size_t bucket_count = (std::bit_width(most_ns) - first_width + 1) * steps;

std::uint64_t width_of(std::size_t bucket) {
  return std::uint64_t{1} << (first_width - 1 + bucket / steps - step_bits);
}

std::size_t bucket_of(std::uint64_t ns) {
  const unsigned width = std::bit_width(ns);
  const auto step = (ns >> (width - 1 - step_bits)) - steps;
  return (width - first_width) * steps + step;
}

std::uint64_t middle_of(std::size_t bucket) {
  const auto width = width_of(bucket);
  return (steps + bucket % steps) * width + width / 2;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(bucket_count) {}

void LatencyHistogram::add(Duration latency, std::uint64_t times) {
  if (times == 0) return;
  const auto value = std::clamp(latency, least, most);
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  buckets_[bucket_of(static_cast<std::uint64_t>(value.count()))] += times;
  count_ += times;
  sum_ns_ += static_cast<double>(value.count()) * static_cast<double>(times);
}

LatencyHistogram& LatencyHistogram::operator+=(const LatencyHistogram& other) {
  if (other.count_ == 0) return *this;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  return *this;
}

LatencyHistogram::Duration LatencyHistogram::mean() const noexcept {
  return Duration(count_ == 0 ? 0 : std::llround(sum_ns_ / static_cast<double>(count_)));
}

std::optional<LatencyHistogram::Duration> LatencyHistogram::quantile(double share, std::uint64_t never) const {
  const auto all = static_cast<double>(count_ + never);
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(share * all - 1e-9)));
  if (rank > count_) return std::nullopt;
  if (rank == count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::clamp(Duration(middle_of(bucket)), min_, max_);
  }
  return std::nullopt;
}

}  // namespace skep::bench
