#include "bench/load_report.hpp"

#include <algorithm>

#include "bench/number_text.hpp"
#include "skep/actors/option.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"

namespace skep::bench {
namespace {

using Duration = LoadPlan::Duration;

constexpr std::uint64_t few_requests = 100;  // whose p99 is the slowest of them

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string row(const std::string& name, std::uint64_t count, const std::string& rest) {
  return left(name, 10) + right(std::to_string(count), 12) + (rest.empty() ? "" : "   " + rest) + "\n";
}

std::string load_text(const LoadPlan& plan) {
  const auto clients = counted(plan.clients, "client") + ", ";
  const auto each = plan.clients == 1 ? "" : " each";
  if (!plan.rate) return clients + std::to_string(plan.in_flight) + " in flight" + each;
  const auto how = " (" + std::string(to_string(plan.arrivals)) + ", --seed " + std::to_string(plan.seed) + ")";
  const auto room = clients + "up to " + std::to_string(plan.in_flight) + " in flight" + each;
  if (plan.ramp_p99) {
    return "the highest rate" + how + " with p99 <= " + skep::to_string(*plan.ramp_p99) + ", " + room;
  }
  return number_text(*plan.rate) + " requests a second" + how + ", " + room;
}

std::string failures_text(const LoadFigures& figures) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const std::string& what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + what + " " + std::to_string(count);
  };
  for (const auto& [code, count] : figures.errors) add(count, printable(code));
  add(figures.timeouts, "timeout");
  add(figures.lost, "connection lost");
  return text;
}

/// What a mistake of one's own looks like: `bad_record` alone says not what is bad.
std::string first_error_row(const LoadFigures& figures) {
  const auto& [code, message] = figures.first_error;
  if (figures.errors.empty()) return "";
  return left("", 22) + "   the first: " + printable(code) + (message.empty() ? "" : ": " + printable(message)) + "\n";
}

std::string quantile_text(const LoadFigures& figures, double share) {
  const auto value = figures.latency.quantile(share);
  return value ? latency_text(*value) : "-";
}

std::string latency_row(const LoadFigures& figures) {
  if (figures.latency.count() == 0) return "";
  return left("latency", 10) + "  p50 " + quantile_text(figures, 0.5) + "  p90 " + quantile_text(figures, 0.9) +
         "  p99 " + quantile_text(figures, 0.99) + "  p99.9 " + quantile_text(figures, 0.999) + "  max " +
         latency_text(figures.latency.max()) + "  mean " + latency_text(figures.latency.mean()) + "\n";
}

std::string part_row(const char* name, const std::optional<Duration>& time, const char* what) {
  return time ? "  " + left(name, 9) + right(latency_text(*time), 10) + "   " + what + "\n" : "";
}

std::string bee_row(const TimeSplit::Bee& bee, std::size_t width) {
  return "  " + left(printable(bee.name), width) + "   " + counted(bee.records, "record") + ": queue " +
         latency_text(bee.queue) + ", slices of " + rate_text(bee.slice_records) + " in " + latency_text(bee.slice) +
         "\n";
}

std::string split_text(const TimeSplit& split) {
  std::string text = "\nWhere the time of a request goes, on the average:\n";
  text += part_row("outside", split.outside, "sockets, the kernel, this load generator");
  text += part_row("gateway", split.gateway, "the gateway itself, credit, changes of threads");
  text += part_row("queue", split.queue, "in front of bees");
  text += part_row("fill", split.fill, "while batches filled");
  text += part_row("compute", split.compute, "bees at work");
  if (split.bees.empty()) return text;
  std::size_t width = 0;
  for (const auto& bee : split.bees) width = std::max(width, bee.name.size());
  text += "\nBees:\n";
  for (const auto& bee : split.bees) text += bee_row(bee, width);
  return text;
}

/// Its requests may have waited here, and not where they were sent to.
bool late_and_not_held(const RateTried& tried) {
  return tried.figures.late > 0 && !tried.held;
}

std::string search_text(const LoadReport& report) {
  const auto wanted = "p99 <= " + skep::to_string(*report.plan.ramp_p99);
  if (!report.best_rate) return "\nNo rate was found with " + wanted + "; the last one:\n\n";
  return "\nThe highest rate with " + wanted + " is " + (report.stopped ? "at least " : "about ") +
         rate_text(*report.best_rate) + " a second:\n\n";
}

}  // namespace

std::string heading(const LoadReport& report) {
  const auto& plan = report.plan;
  const auto whose = report.gateway.empty()
                         ? ""
                         : "swarm '" + printable(report.swarm) + "', gateway '" + printable(report.gateway) + "' at ";
  return whose + printable(report.target) + ":\n" + load_text(plan) + ", for " + skep::to_string(plan.duration) +
         (plan.ramp_p99 ? " each" : "") + " after " + skep::to_string(plan.warm_up) + " of warm-up\n\n";
}

std::string as_text(const RateTried& tried) {
  const auto& figures = tried.figures;
  const auto failures = failures_text(figures);
  return right(rate_text(tried.rate), 12) + " a second: " + (tried.held ? "held      " : "not held  ") + "p99 " +
         left(quantile_text(figures, 0.99), 8) + "answered " + std::to_string(figures.answered) + " of " +
         std::to_string(figures.requests) + (failures.empty() ? "" : ", failed: " + failures) +
         (figures.late == 0 ? "" : ", sent late: " + std::to_string(figures.late)) + "\n";
}

std::string as_text(const LoadReport& report) {
  const auto& figures = report.figures;
  auto text = report.plan.ramp_p99 ? search_text(report) : std::string();
  text += row("requests", figures.requests, rate_text(figures.rate_offered()) + " a second");
  text += row("answered", figures.answered, rate_text(figures.rate_achieved()) + " a second");
  text += row("failed", figures.failed(), failures_text(figures));
  text += first_error_row(figures);
  if (figures.open > 0) text += row("open", figures.open, "when it was stopped");
  text += row("bytes", figures.bytes_sent, "sent, " + std::to_string(figures.bytes_received) + " received");
  text += latency_row(figures);
  if (report.split) text += split_text(*report.split);
  const auto all = warnings(report);
  if (!all.empty()) text += "\n";
  for (const auto& warning : all) text += "warning: " + warning + "\n";
  return text;
}

std::vector<std::string> warnings(const LoadReport& report) {
  const auto& figures = report.figures;
  std::vector<std::string> all;
  if (report.stopped) {
    all.push_back("it was stopped early");
  } else if (figures.requests == 0) {
    all.push_back("no request was due within " + skep::to_string(report.plan.duration) + " (--duration)" +
                  (figures.warm_up_unanswered == 0
                       ? ""
                       : ": " + counted(figures.warm_up_unanswered, "request") + " before it had no answer"));
  }
  if (report.plan.ramp_p99 && figures.requests > 0 && figures.requests < few_requests) {
    all.push_back("the p99 of " + counted(figures.requests, "request") +
                  " is the slowest; a longer --duration has more");
  }
  if (figures.late > 0) {
    all.push_back("the load generator did not keep its schedule: " + counted(figures.late, "request") +
                  " left more than " + skep::to_string(Duration(limits::bench_late_max)) + " late, up to " +
                  latency_text(figures.late_by) + "; it has too little of the processor");
  }
  if (const auto rates = std::ranges::count_if(report.tried, late_and_not_held); rates > 0) {
    all.push_back("the load generator did not keep its schedule at " + counted(rates, "rate") +
                  " that did not hold: the highest may be higher");
  }
  if (figures.without_room > 0) {
    all.push_back(counted(figures.without_room, "request") + " found no room when due, and waited: all clients had " +
                  std::to_string(report.plan.in_flight) + " in flight (--clients, --in-flight), or no connection");
  }
  if (figures.connections_lost > 0) {
    all.push_back(counted(figures.connections_lost, "connection") +
                  " ended and had to be made anew; the first: " + printable(figures.lost_why));
  }
  if (figures.connects_failed > 0) {
    all.push_back(counted(figures.connects_failed, "attempt") +
                  " to connect anew failed; the first: " + printable(figures.connect_why));
  }
  if (figures.unasked > 0) all.push_back(counted(figures.unasked, "message") + " came that no request had asked for");
  return all;
}

}  // namespace skep::bench
