#include "bench/load_plan.hpp"

#include <charconv>
#include <concepts>
#include <limits>

#include "bench/number_text.hpp"
#include "skep/actors/option.hpp"
#include "skep/runtime/printable.hpp"

namespace skep::bench {
namespace {

using std::chrono::microseconds, std::chrono::milliseconds;
using Duration = LoadPlan::Duration;

struct Option {
  const char* name;
  const std::string& text;
};

template <class Value>
struct Range {
  const char* what;
  Value least, most;
};

template <class Number>
std::optional<Number> parsed(const std::string& text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}
template <>
std::optional<Duration> parsed(const std::string& text) {
  return parse_duration(text);
}

template <std::integral Number>
std::string shown(Number number) {
  return std::to_string(number);
}
std::string shown(double number) {
  return number_text(number);
}
std::string shown(Duration time) {
  return skep::to_string(time);
}

/// Reads options one by one; the first mistake stays.
class Reader {
 public:
  template <class Value>
  void read(const Option& option, const Range<Value>& range, Value& to) {
    if (option.text.empty()) return;
    const auto value = parsed<Value>(option.text);
    if (value && *value >= range.least && *value <= range.most) {
      to = *value;
    } else {
      auto expected = std::string(range.what).append(" from ").append(shown(range.least));
      wrong(option, expected.append(" to ").append(shown(range.most)));
    }
  }

  void read(const Option& option, Arrivals& to) {
    if (option.text.empty()) return;
    const auto value = arrivals_from(option.text);
    if (!value) return wrong(option, "poisson or constant");
    to = *value;
  }

  void fail(const std::string& message) {
    if (problem_.empty()) problem_ = message;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void wrong(const Option& option, const std::string& what) {
    fail(std::string(option.name) + " is not " + what + ": '" + printable(option.text) + "'");
  }

  std::string problem_;
};

constexpr Range<Duration> time_range(Duration least, Duration most) {
  return {"a time, as 10s or 250ms,", least, most};
}

void read_rate(const LoadPlanText& text, Reader& reader, LoadPlan& plan) {
  double rate = limits::bench_rate;
  reader.read({"--rate", text.rate}, {"a number of requests a second", limits::bench_rate_min, limits::bench_rate_max},
              rate);
  if (!text.rate.empty() || text.ramp) plan.rate = rate;
  if (!plan.rate && !text.arrivals.empty()) {
    reader.fail("--arrivals is for --rate: without it, clients send when they have room");
  }
  reader.read({"--arrivals", text.arrivals}, plan.arrivals);
  if (plan.rate) plan.in_flight = limits::bench_in_flight;
}

void read_ramp(const LoadPlanText& text, Reader& reader, LoadPlan& plan) {
  if (!text.ramp) {
    if (!text.p99.empty()) reader.fail("--p99 is for --ramp");
    return;
  }
  if (text.p99.empty()) reader.fail("--ramp needs --p99: the latency that 99 % are to keep");
  Duration p99{};
  reader.read({"--p99", text.p99}, time_range(microseconds(1), limits::bench_request_time_max), p99);
  plan.ramp_p99 = p99;
}

}  // namespace

Result<LoadPlan> read_load_plan(const LoadPlanText& text, std::uint64_t seed) {
  LoadPlan plan;
  plan.seed = seed;
  Reader reader;
  const auto count_to = [](std::uint32_t most) { return Range<std::uint32_t>{"a whole number", 1, most}; };
  read_rate(text, reader, plan);
  read_ramp(text, reader, plan);
  reader.read({"--clients", text.clients}, count_to(limits::bench_clients_max), plan.clients);
  reader.read({"--in-flight", text.in_flight}, count_to(limits::bench_in_flight_max), plan.in_flight);
  reader.read({"--seed", text.seed}, {"a whole number", 0, std::numeric_limits<std::uint64_t>::max()}, plan.seed);
  reader.read({"--duration", text.duration}, time_range(milliseconds(1), limits::bench_duration_max), plan.duration);
  reader.read({"--warm-up", text.warm_up}, time_range(Duration(0), limits::bench_duration_max), plan.warm_up);
  reader.read({"--timeout", text.timeout}, time_range(milliseconds(1), limits::bench_request_time_max),
              plan.request_time);
  if (!reader.problem().empty()) return Error{errc::invalid_argument, reader.problem()};
  return plan;
}

}  // namespace skep::bench
