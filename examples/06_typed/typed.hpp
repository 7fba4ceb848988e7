#pragma once
// Two bees whose records are of types of their own: JSON is what clients see, not what the bees read.

#include <map>
#include <string>

#include "schema/readings.capnp.h"
#include "skep/actors/bee_class.hpp"
#include "skep/serialization/typed.hpp"

namespace typed {

/// Reads a Reading, sends a Verdict: its two types are all that it has to say of them.
class Judge final : public skep::Bee {
 public:
  using Input = Reading;
  using Output = Verdict;
  struct Options {
    double limit = 25;
  };

  static void describe(skep::BeeClass<Judge>& c) {
    c.summary("Says whether a reading is above a limit.").option("limit", &Options::limit, "degrees that are fine");
  }

  explicit Judge(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto reading = record.as<Reading>();
    const auto above = reading.getCelsius() - options_.limit;
    out.emit(record.with(skep::Payload::build<Verdict>([&](Verdict::Builder verdict) {
      verdict.setSensor(reading.getSensor());
      verdict.setLevel(above > 10 ? Level::HOT : above > 0 ? Level::WARM : Level::FINE);
      verdict.setAbove(above > 0 ? above : 0);
    })));
  }

 private:
  Options options_;
};

/// Counts per sensor; what is hot leaves on a port of its own.
class Tally final : public skep::Bee {
 public:
  using Input = Verdict;
  using Output = Verdict;
  struct Options {
    std::int64_t sensors_max = 10'000;
  };

  static void describe(skep::BeeClass<Tally>& c) {
    c.summary("Numbers the verdicts of each sensor.")
        .option("sensors_max", &Options::sensors_max, "counted; verdicts of further ones are refused", {.min = 1})
        .output<Verdict>("alarms", &Tally::alarms_, "those that are hot, too", {.side = true});
  }

  explicit Tally(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto verdict = record.as<Verdict>();
    const std::string sensor(verdict.getSensor().begin(), verdict.getSensor().size());
    if (counts_.size() >= std::size_t(options_.sensors_max) && !counts_.contains(sensor)) {
      return out.drop(record, std::to_string(options_.sensors_max) + " sensors are counted already (sensors_max)");
    }
    const auto numbered = record.with(skep::Payload::build<Verdict>([&](Verdict::Builder copy) {
      copy.setSensor(verdict.getSensor());
      copy.setLevel(verdict.getLevel());
      copy.setAbove(verdict.getAbove());
      copy.setCount(++counts_[sensor]);
    }));
    out.emit(numbered);
    if (verdict.getLevel() == Level::HOT) out.emit(alarms_, numbered);
  }

 private:
  Options options_;
  skep::Port alarms_;
  std::map<std::string, std::uint32_t> counts_;
};

}  // namespace typed
