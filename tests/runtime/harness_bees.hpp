#pragma once
// Bees for tests of whole swarms.

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "skep/actors/bee_registry.hpp"

namespace skep::testing {

class Greet final : public Bee {
 public:
  static void describe(BeeClass<Greet>& c) { c.summary("Greets.").input(ContentKind::raw); }
  void on_record(Record record, Outbox& out) override {
    if (record.text().empty()) throw BadRecord("expected a name");
    out.emit(record.with(Payload::raw("Hello, " + std::string(record.text()) + "!")));
  }
};

class Farewell final : public Bee {
 public:
  static void describe(BeeClass<Farewell>& c) { c.summary("Says farewell.").input(ContentKind::raw); }
  void on_record(Record record, Outbox& out) override {
    out.emit(record.with(Payload::raw(std::string(record.text()) + " Goodbye!")));
  }
};

class Echo final : public Bee {
 public:
  static void describe(BeeClass<Echo>& c) { c.summary("Sends on what it gets."); }
  void on_record(Record record, Outbox& out) override { out.emit(std::move(record)); }
};

/// Answers with the size of the batch that a record came in.
class BatchSize final : public Bee {
 public:
  static void describe(BeeClass<BatchSize>& c) { c.summary("Counts."); }
  void on_batch(std::span<Record> records, Outbox& out) override {
    for (auto& record : records) out.emit(record.with(Payload::json(std::to_string(records.size()))));
  }
};

/// Keeps every record for two seconds.
class Later final : public Bee {
 public:
  static void describe(BeeClass<Later>& c) { c.summary("Waits."); }
  void on_start(BeeContext& context) override { context_ = &context; }
  void on_record(Record record, Outbox&) override {
    context_->start_timer(std::chrono::seconds(2));
    kept_.push_back(std::move(record));
  }
  void on_timer(TimerId, Outbox& out) override {
    out.emit(std::move(kept_.front()));
    kept_.erase(kept_.begin());
  }

 private:
  BeeContext* context_ = nullptr;
  std::vector<Record> kept_;
};

/// A window of a second from its first record on: everybody in it is told its sum.
class Window final : public Bee {
 public:
  static void describe(BeeClass<Window>& c) { c.summary("Sums.").input(ContentKind::json).holds_records(); }
  void on_start(BeeContext& context) override { context_ = &context; }
  void on_record(Record record, Outbox& out) override {
    if (record.text() == "0") throw std::runtime_error("no zeros");
    const auto value = std::stoi(std::string(record.text()));
    if (window_.empty()) context_->start_timer(std::chrono::seconds(1));
    window_.push_back(out.hold(std::move(record)));
    sum_ += value;
  }
  void on_timer(TimerId, Outbox& out) override { close(out); }
  void on_stop(Outbox& out) override { close(out); }

 private:
  void close(Outbox& out) {
    const auto text = std::to_string(std::exchange(sum_, 0));
    for (auto& held : window_) out.emit(held.release().with(Payload::json(text)));
    window_.clear();
  }

  BeeContext* context_ = nullptr;
  std::vector<Held> window_;
  int sum_ = 0;
};

/// Holds all it gets, to its end.
class Keeper final : public Bee {
 public:
  static void describe(BeeClass<Keeper>& c) { c.summary("Keeps.").holds_records().no_default_output(); }
  void on_record(Record record, Outbox& out) override { kept_.push_back(out.hold(std::move(record))); }

 private:
  std::vector<Held> kept_;
};

class ThrowsOnThirds final : public Bee {
 public:
  static void describe(BeeClass<ThrowsOnThirds>& c) { c.summary("Throws on multiples of three."); }
  void on_record(Record record, Outbox& out) override {
    if (std::stoi(std::string(record.text())) % 3 == 0) throw std::runtime_error("no thirds");
    out.emit(std::move(record));
  }
};

/// Its timer throws a second after each start.
class TimeBomb final : public Bee {
 public:
  static void describe(BeeClass<TimeBomb>& c) { c.summary("Fails a second after its start."); }
  void on_start(BeeContext& context) override { context.start_timer(std::chrono::seconds(1)); }
  void on_record(Record record, Outbox& out) override { out.emit(std::move(record)); }
  void on_timer(TimerId, Outbox&) override { throw std::runtime_error("tick"); }
};

class Unstartable final : public Bee {
 public:
  static void describe(BeeClass<Unstartable>& c) { c.summary("Does not start."); }
  void on_start(BeeContext&) override { throw std::runtime_error("no fuel"); }
};

/// Answers with a random number and the time of day.
class Draw final : public Bee {
 public:
  static void describe(BeeClass<Draw>& c) { c.summary("Draws."); }
  void on_start(BeeContext& context) override { context_ = &context; }
  void on_record(Record record, Outbox& out) override {
    std::ostringstream text;
    text << "[" << context_->random()() << "," << context_->wall_clock().time_since_epoch().count() << "]";
    context_->log(LogLevel::info, text.str());
    out.emit(record.with(Payload::json(text.str())));
  }

 private:
  BeeContext* context_ = nullptr;
};

/// Wakes itself without any time in between.
class Restless final : public Bee {
 public:
  static void describe(BeeClass<Restless>& c) { c.summary("Never rests."); }
  void on_start(BeeContext& context) override { context_ = &context; }
  void on_record(Record, Outbox&) override { context_->start_timer({}); }
  void on_timer(TimerId, Outbox&) override { context_->start_timer({}); }

 private:
  BeeContext* context_ = nullptr;
};

inline BeeRegistry bees() {
  BeeRegistry bees;
  bees.add<Greet>("hello.greet");
  bees.add<Farewell>("hello.farewell");
  bees.add<Echo>("test.echo");
  bees.add<BatchSize>("test.batch_size");
  bees.add<Later>("test.later");
  bees.add<Window>("test.window");
  bees.add<Keeper>("test.keeper");
  bees.add<ThrowsOnThirds>("test.throws_on_thirds");
  bees.add<TimeBomb>("test.time_bomb");
  bees.add<Unstartable>("test.unstartable");
  bees.add<Draw>("test.draw");
  bees.add<Restless>("test.restless");
  return bees;
}

}  // namespace skep::testing
