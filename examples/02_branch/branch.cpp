// Two bees for a building's events: one raises alarms, one counts how often each door was opened.

#include <map>
#include <string>

#include "skep/actors/plugin.hpp"
#include "skep/serialization/json.hpp"

namespace {

skep::JsonDocument parse(const skep::Record& record) {
  auto document = skep::JsonDocument::parse(record.text());
  if (!document) throw skep::BadRecord(document.error().message);
  return std::move(*document);
}

std::string room_of(const skep::JsonDocument& event) {
  const auto room = event.string("$.room");
  if (!room) throw skep::BadRecord("an event needs a room");
  return std::string(*room);
}

class Alarm final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Alarm>& c) {
    c.summary("Turns a temperature into an alarm.").input(skep::ContentKind::json);
  }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto event = parse(record);
    skep::JsonWriter alarm;
    alarm.begin_object().key("alarm").value("too hot").key("room").value(room_of(event));
    alarm.key("value").value(event.number("$.value").value_or(0)).end_object();
    out.emit(record.with(skep::Payload::json(alarm.text())));
  }
};

class CountDoors final : public skep::Bee {
 public:
  struct Options {
    std::int64_t every = 3;
  };

  static void describe(skep::BeeClass<CountDoors>& c) {
    c.summary("Counts the openings of each room's door.")
        .input(skep::ContentKind::json)
        .output("every", &CountDoors::every_, "each room's every so many-th opening")
        .option("every", &Options::every, {.min = 1, .max = 1000000});
  }
  explicit CountDoors(Options options) : options_(options) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto room = room_of(parse(record));
    const auto count = ++openings_[room];
    skep::JsonWriter counted;
    counted.begin_object().key("room").value(room).key("openings").value(count).end_object();
    const auto result = record.with(skep::Payload::json(counted.text()));
    if (count % options_.every == 0) out.emit(every_, result);
    out.emit(result);
  }

 private:
  Options options_;
  skep::Port every_;
  std::map<std::string, std::int64_t> openings_;
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Alarm>("branch.alarm");
  bees.add<CountDoors>("branch.count_doors");
}
