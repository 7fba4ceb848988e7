#pragma once
// One bee, for the two branches that `skep.join` puts together again. All others of this example come with Skep.

#include <algorithm>
#include <cctype>
#include <string>

#include "skep/actors/bee_class.hpp"
#include "skep/serialization/json.hpp"

namespace window {

class Count final : public skep::Bee {
 public:
  struct Options {
    std::string what = "letters";
  };

  static void describe(skep::BeeClass<Count>& c) {
    c.summary("Counts the letters, or the words, of a text.")
        .input(skep::ContentKind::json)
        .option("what", &Options::what, "is counted, and the field that says how many",
                {.one_of = {"letters", "words"}});
  }
  explicit Count(Options options) : options_(std::move(options)) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto json = skep::JsonDocument::parse(record.text());
    if (!json) throw skep::BadRecord(json.error().message);
    const auto text = json->string("$.text");
    if (!text) throw skep::BadRecord("expected a string at $.text");
    skep::JsonWriter answer;
    answer.begin_object().key("text").value(*text).key(options_.what).value(count_in(*text)).end_object();
    out.emit(record.with(skep::Payload::json(answer.take())));
  }

 private:
  [[nodiscard]] std::int64_t count_in(std::string_view text) const {
    if (options_.what == "words") return std::ranges::count(text, ' ') + 1;
    return std::ranges::count_if(text, [](unsigned char letter) { return std::isalpha(letter) != 0; });
  }

  Options options_;
};

}  // namespace window
