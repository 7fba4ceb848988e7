#pragma once
// Four bees that docs/WRITING_BEES.md explains: one with state and a side output, one that holds records, one that
// sums up by key and event time, one that takes batches of tensors.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/tensor.hpp"

namespace sensors {

inline double value_of(const skep::Record& reading) {
  const auto json = skep::JsonDocument::parse(reading.text());
  if (!json) throw skep::BadRecord(json.error().message);
  const auto value = json->number("$.value");
  if (!value) throw skep::BadRecord("expected a number at $.value");
  return *value;
}

inline std::string json_of(std::string_view name, double number) {
  skep::JsonWriter json;
  json.begin_object().key(name).value(number).end_object();  // as {"smooth":21.5}
  return json.take();
}

class Smooth final : public skep::Bee {
 public:
  struct Options {
    double weight = 0.5;
    double jump_max = 10;
    std::int64_t sensors_max = 10'000;
  };

  static void describe(skep::BeeClass<Smooth>& c) {
    c.summary("Smooths the readings of each sensor, its key.")
        .input(skep::ContentKind::json)
        .output("jumps", &Smooth::jumps_, "readings too far off, as they came", {.side = true})
        .option("weight", &Options::weight, "of a new reading", {.min = 0, .max = 1})
        .option("jump_max", &Options::jump_max, "that a reading may be off", {.min = 0})
        .option("sensors_max", &Options::sensors_max, "that it remembers", {.min = 1, .max = 1e6});
  }
  explicit Smooth(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto value = value_of(record);  // may throw: before anything has changed
    const std::string sensor(record.key());
    if (!means_.contains(sensor) && std::ssize(means_) >= options_.sensors_max) {
      return out.fail(record, "too many sensors (sensors_max)");
    }
    auto& mean = means_.try_emplace(sensor, value).first->second;
    if (std::abs(value - mean) > options_.jump_max) return out.reject(jumps_, std::move(record), "it jumps");
    mean += options_.weight * (value - mean);
    out.emit(record.with(skep::Payload::json(json_of("smooth", mean))));
  }

 private:
  Options options_;
  skep::Port jumps_;
  std::map<std::string, double> means_;
};

class Window final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds length = std::chrono::seconds(1);
  };

  static void describe(skep::BeeClass<Window>& c) {
    c.summary("Tells all whose readings came within one window their mean.")
        .input(skep::ContentKind::json)
        .holds_records()
        .option("length", &Options::length, "from the first reading on", {.min = 0.001, .max = 60});
  }
  explicit Window(Options options) : options_(options) {}

  void on_start(skep::BeeContext& context) override { context_ = &context; }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto value = value_of(record);
    window_.push_back(out.hold(std::move(record)));  // may throw: no room
    if (window_.size() == 1) context_->start_timer(options_.length);
    sum_ += value;
  }

  void on_timer(skep::TimerId, skep::Outbox& out) override { close(out); }
  void on_stop(skep::Outbox& out) override { close(out); }

 private:
  void close(skep::Outbox& out) {
    const auto mean = sum_ / static_cast<double>(window_.size());
    for (auto& held : window_) {
      if (!held.expired()) out.emit(held.release().with(skep::Payload::json(json_of("mean", mean))));
    }
    window_.clear();  // lets go of what has expired: its client has been told
    sum_ = 0;
  }

  Options options_;
  skep::BeeContext* context_ = nullptr;
  std::vector<skep::Held> window_;
  double sum_ = 0;
};

class Report final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds span = std::chrono::seconds(10);
    std::chrono::nanoseconds wait = std::chrono::seconds(1);
    std::int64_t sensors_max = 10'000;
  };

  static void describe(skep::BeeClass<Report>& c) {
    c.summary("Reports the mean of each sensor, its key, over each span of time.")
        .input(skep::ContentKind::json)
        .option("span", &Options::span, "of event time that a mean is of", {.min = 0.001, .max = 3600})
        .option("wait", &Options::wait, "beyond a span, unless a newer reading ends it", {.min = 0, .max = 60})
        .option("sensors_max", &Options::sensors_max, "that it remembers", {.min = 1, .max = 50'000});
  }
  explicit Report(Options options) : options_(options) {}

  void on_start(skep::BeeContext& context) override { context_ = &context; }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto value = value_of(record);
    const auto time = record.header().event_time.time_since_epoch();
    const auto into = (time % options_.span + options_.span) % options_.span;  // right before 1970, too
    const skep::EventTime begin(time - into);
    const std::string sensor(record.key());
    if (!sums_.contains(sensor) && std::ssize(sums_) >= options_.sensors_max) {
      return out.drop(record, "too many sensors (sensors_max)");
    }
    const Sum fresh{.begin = begin, .due = context_->now() + options_.span + options_.wait};
    auto& sum = sums_.try_emplace(sensor, fresh).first->second;
    if (begin < sum.begin) return out.drop(record, "too late for its span");
    if (begin > sum.begin) {  // the sensor has gone on to another span
      report(sensor, sum, out);
      sum = fresh;
    }
    sum.value += value;
    sum.count += 1;
    sum.last = record.id();
    sum.root = record.root();
    if (!timer_) timer_ = context_->start_timer(options_.span + options_.wait);
  }

  void on_timer(skep::TimerId, skep::Outbox& out) override {
    const auto now = context_->now();
    timer_.reset();
    report_if([now](const Sum& sum) { return sum.due <= now; }, out);
    if (sums_.empty()) return;
    const auto by_due = [](const auto& one, const auto& other) { return one.second.due < other.second.due; };
    timer_ = context_->start_timer(std::ranges::min_element(sums_, by_due)->second.due - now);
  }

  void on_stop(skep::Outbox& out) override {
    report_if([](const Sum&) { return true; }, out);
  }

 private:
  struct Sum {
    skep::EventTime begin;                      // of the span, as the readings have it
    std::chrono::steady_clock::time_point due;  // by this process's clock
    double value = 0;
    std::int64_t count = 0;
    skep::RecordId last{}, root{};  // of the last reading
  };

  template <class Condition>
  void report_if(Condition due, skep::Outbox& out) {
    std::erase_if(sums_, [&](const auto& each) {
      if (!due(each.second)) return false;
      report(each.first, each.second, out);
      return true;
    });
  }

  void report(const std::string& sensor, const Sum& sum, skep::Outbox& out) {
    skep::RecordHeader header;  // without a client: nobody waits for what many readings come to
    header.id = sum.last;
    header.root = sum.root;
    header.key = sensor;
    header.event_time = sum.begin;
    const auto mean = sum.value / static_cast<double>(sum.count);
    out.emit(skep::Record(header, skep::Payload::json(json_of("mean", mean))));
  }

  Options options_;
  skep::BeeContext* context_ = nullptr;
  std::map<std::string, Sum> sums_;
  std::optional<skep::TimerId> timer_;  // one for all: of the sum that is due first
};

class Peak final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Peak>& c) {
    c.summary("Finds the peak of each wave.").input(skep::ContentKind::tensor);
  }

  void on_batch(std::span<skep::Record> waves, skep::Outbox& out) override {
    for (const auto& wave : waves) {
      try {
        out.emit(wave.with(skep::Payload::json(json_of("peak", peak_of(wave)))));
      } catch (const skep::BadRecord& bad) {
        out.fail(wave, bad);  // this one alone
      }
    }
  }

 private:
  static double peak_of(const skep::Record& wave) {
    const auto tensor = wave.tensor();           // in place: nothing is copied
    const auto values = tensor.values<float>();  // BadRecord if it is no f32
    if (values.empty()) throw skep::BadRecord("a wave without values");
    return *std::ranges::max_element(values);
  }
};

}  // namespace sensors
