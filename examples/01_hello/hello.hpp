#pragma once
// Two bees: the first greets, the second says farewell.

#include <string>

#include "skep/actors/bee_class.hpp"

namespace hello {

class Greet final : public skep::Bee {
 public:
  struct Options {
    std::string greeting = "Hello";
  };

  static void describe(skep::BeeClass<Greet>& c) {
    c.summary("Greets the name that a record holds.")
        .input(skep::ContentKind::raw)
        .option("greeting", &Options::greeting, "what comes before the name");
  }
  explicit Greet(Options options) : greeting_(std::move(options.greeting)) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    if (record.text().empty()) throw skep::BadRecord("expected a name");
    const auto text = greeting_ + ", " + std::string(record.text()) + "!";
    out.emit(record.with(skep::Payload::raw(text)));
  }

 private:
  std::string greeting_;
};

class Farewell final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Farewell>& c) { c.summary("Adds a farewell.").input(skep::ContentKind::raw); }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto text = std::string(record.text()) + " Goodbye!";
    out.emit(record.with(skep::Payload::raw(text)));
  }
};

}  // namespace hello
