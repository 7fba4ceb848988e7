#pragma once
// Something to do for what comes in.

#include <charconv>
#include <cmath>
#include <string>

#include "skep/actors/bee_class.hpp"

namespace example {

class Fahrenheit final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Fahrenheit>& c) {
    c.summary("Turns degrees Celsius into Fahrenheit.").input(skep::ContentKind::raw);
  }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto text = record.text();
    double celsius = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), celsius);
    const double fahrenheit = celsius * 9 / 5 + 32;
    if (wrong != std::errc() || end != text.data() + text.size() || !std::isfinite(fahrenheit)) {
      throw skep::BadRecord("expected a number");
    }
    std::string answer(32, '\0');
    const auto written = std::to_chars(answer.data(), answer.data() + answer.size(), fahrenheit);
    answer.resize(static_cast<std::size_t>(written.ptr - answer.data()));
    out.emit(record.with(skep::Payload::raw(std::move(answer))));
  }
};

}  // namespace example
