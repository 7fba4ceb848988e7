#include "bench/load_report.hpp"
#include "skep/serialization/json.hpp"

namespace skep::bench {
namespace {

using Duration = LoadPlan::Duration;

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

void write(JsonWriter& json, std::string_view name, const std::optional<Duration>& time) {
  if (time) json.key(name).value(seconds(*time));
}

void write_plan(JsonWriter& json, const LoadPlan& plan) {
  json.key("load").begin_object().key("clients").value(plan.clients).key("in_flight").value(plan.in_flight);
  if (plan.rate && !plan.ramp_p99) json.key("rate").value(*plan.rate);
  if (plan.rate) json.key("arrivals").value(to_string(plan.arrivals));
  json.key("seed").value(plan.seed);
  json.key("warm_up_seconds").value(seconds(plan.warm_up)).key("duration_seconds").value(seconds(plan.duration));
  json.key("timeout_seconds").value(seconds(plan.request_time)).end_object();
}

void write_latency(JsonWriter& json, const LatencyHistogram& latency) {
  json.key("latency_seconds").begin_object();
  write(json, "p50", latency.quantile(0.5));
  write(json, "p90", latency.quantile(0.9));
  write(json, "p99", latency.quantile(0.99));
  write(json, "p99_9", latency.quantile(0.999));
  if (latency.count() > 0) {
    json.key("max").value(seconds(latency.max())).key("min").value(seconds(latency.min()));
    json.key("mean").value(seconds(latency.mean()));
  }
  json.end_object();
}

void write_figures(JsonWriter& json, const LoadFigures& figures) {
  json.key("requests").value(figures.requests).key("sent").value(figures.sent);
  json.key("answered").value(figures.answered).key("failed").begin_object();
  json.key("errors").begin_object();
  for (const auto& [code, count] : figures.errors) json.key(code).value(count);
  json.end_object();
  if (!figures.errors.empty()) {
    json.key("first_error").begin_object().key("code").value(figures.first_error.code);
    json.key("message").value(figures.first_error.message).end_object();
  }
  json.key("timeouts").value(figures.timeouts).key("lost").value(figures.lost).end_object();
  json.key("open").value(figures.open).key("connections_lost").value(figures.connections_lost);
  json.key("connects_failed").value(figures.connects_failed);
  json.key("unasked").value(figures.unasked);
  json.key("rate_offered").value(figures.rate_offered()).key("rate_achieved").value(figures.rate_achieved());
  write_latency(json, figures.latency);
  json.key("bytes_sent").value(figures.bytes_sent).key("bytes_received").value(figures.bytes_received);
  json.key("late").value(figures.late).key("late_seconds_max").value(seconds(figures.late_by));
  json.key("without_room").value(figures.without_room);
}

void write_split(JsonWriter& json, const TimeSplit& split) {
  json.key("time").begin_object().key("requests").value(split.requests);
  write(json, "outside_seconds", split.outside);
  write(json, "gateway_seconds", split.gateway);
  write(json, "queue_seconds", split.queue);
  write(json, "fill_seconds", split.fill);
  write(json, "compute_seconds", split.compute);
  json.key("bees").begin_array();
  for (const auto& bee : split.bees) {
    json.begin_object().key("name").value(bee.name).key("records").value(bee.records);
    json.key("queue_seconds").value(seconds(bee.queue)).key("slice_seconds").value(seconds(bee.slice));
    json.key("slice_records").value(bee.slice_records).end_object();
  }
  json.end_array().end_object();
}

void write_search(JsonWriter& json, const LoadReport& report) {
  json.key("search").begin_object().key("p99_seconds_max").value(seconds(*report.plan.ramp_p99));
  json.key("best_rate");
  report.best_rate ? json.value(*report.best_rate) : json.null();
  json.key("tried").begin_array();
  for (const auto& tried : report.tried) {
    json.begin_object().key("rate").value(tried.rate).key("held").value(tried.held);
    json.key("rate_achieved").value(tried.figures.rate_achieved()).key("failed").value(tried.figures.failed());
    json.key("requests").value(tried.figures.requests).key("late").value(tried.figures.late);
    write(json, "p99_seconds", tried.figures.latency.quantile(0.99));
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string as_json(const LoadReport& report) {
  JsonWriter json;
  json.begin_object().key("target").value(report.target);
  if (!report.gateway.empty()) json.key("swarm").value(report.swarm).key("gateway").value(report.gateway);
  write_plan(json, report.plan);
  json.key("stopped").value(report.stopped);
  if (report.plan.ramp_p99) write_search(json, report);
  write_figures(json, report.figures);
  if (report.split) write_split(json, *report.split);
  json.key("warnings").begin_array();
  for (const auto& warning : warnings(report)) json.value(warning);
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace skep::bench
