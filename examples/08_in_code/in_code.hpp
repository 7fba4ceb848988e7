#pragma once
// A swarm without a file: numbers come in as lines, are scaled, and answered; those that are too large are logged.

#include <charconv>
#include <cmath>
#include <string>

#include "skep/actors/bee_class.hpp"
#include "skep/runtime/swarm_builder.hpp"

namespace in_code {

inline double number_of(const skep::Record& record) {
  const auto text = record.text();
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) throw skep::BadRecord("expected a number");
  return number;
}

class Scale final : public skep::Bee {
 public:
  struct Options {
    double factor = 1;
  };

  static void describe(skep::BeeClass<Scale>& c) {
    c.summary("Multiplies numbers.")
        .input(skep::ContentKind::raw)
        .option("factor", &Options::factor, "that each is multiplied with", {.min = -1000, .max = 1000});
  }
  explicit Scale(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto number = number_of(record) * options_.factor;
    if (!(std::abs(number) < 9e18)) throw skep::BadRecord("expected a number that is not too large");  // nor NaN
    out.emit(record.with(skep::Payload::raw(std::to_string(static_cast<long long>(number)))));
  }

 private:
  Options options_;
};

class Limit final : public skep::Bee {
 public:
  struct Options {
    double most = 100;
  };
  static constexpr skep::PortOf<Limit> above{"above"};

  static void describe(skep::BeeClass<Limit>& c) {
    c.summary("Passes on numbers up to a limit.")
        .input(skep::ContentKind::raw)
        .output(above.text(), &Limit::above_, "numbers beyond it", {.side = true})
        .option("most", &Options::most, "that a number may be");
  }
  explicit Limit(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    if (number_of(record) > options_.most) return out.reject(above_, std::move(record), "it is too large");
    out.emit(std::move(record));
  }

 private:
  Options options_;
  skep::Port above_;
};

inline skep::SwarmBuilder numbers(skep::BeeRegistry& bees, const std::string& listen) {
  skep::SwarmBuilder swarm("numbers", bees);
  const auto door = swarm.source("door", "tcp").set("listen", listen).set("content", "raw");
  const auto scale = swarm.bee<Scale>("scale").from(door).options({.factor = 10}).replicas(2);
  const auto limit = swarm.bee<Limit>("limit").from(scale).options({.most = 1000});
  swarm.bee("log", "skep.log")
      .from(skep::edge(limit.port(Limit::above), {.window = 64, .overflow = skep::Overflow::drop_oldest}))
      .set("prefix", "too large: ");
  door.answers(limit);
  return swarm;
}

}  // namespace in_code
