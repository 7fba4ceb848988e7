#include "bench/load_figures.hpp"

#include <algorithm>

#include "skep/runtime/limits.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep::bench {
namespace {

double per_second(std::uint64_t count, std::chrono::nanoseconds time) {
  return time.count() <= 0 ? 0 : static_cast<double>(count) / std::chrono::duration<double>(time).count();
}

}  // namespace

std::uint64_t LoadFigures::error_answers() const noexcept {
  std::uint64_t all = 0;
  for (const auto& [code, count] : errors) all += count;
  return all;
}

double LoadFigures::rate_offered() const noexcept {
  return per_second(requests, duration);
}

double LoadFigures::rate_achieved() const noexcept {
  return per_second(answered, elapsed);
}

/// Codes are the server's words: however many it makes up, so many are told apart.
void LoadFigures::add_error(const LoadError& error) {
  constexpr std::size_t code_bytes_max = 64;
  constexpr std::size_t message_bytes_max = 1024;
  if (errors.empty()) {
    first_error = {std::string(utf8_prefix(error.code, code_bytes_max)),
                   std::string(utf8_prefix(error.message, message_bytes_max))};
  }
  const auto cut = error.code.substr(0, code_bytes_max);
  const bool room = errors.contains(cut) || errors.size() + 1 < limits::bench_error_codes_max;
  ++errors[room ? cut : "other"];
}

bool holds(const LoadFigures& figures, LoadFigures::Duration p99) {
  constexpr double share_achieved = 0.95;
  const auto quantile = figures.latency.quantile(0.99, figures.failed() + figures.open);
  // The last answer is later than its request by the least latency at any rate: that is no backlog.
  const auto time = std::max(figures.duration, figures.elapsed - figures.latency.min());
  return quantile && *quantile <= p99 && per_second(figures.answered, time) >= share_achieved * figures.rate_offered();
}

}  // namespace skep::bench
