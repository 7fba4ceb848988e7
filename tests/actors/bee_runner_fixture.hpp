#pragma once
// A BeeRunner with a scripted bee and a host that takes notes.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "scripted_bee.hpp"
#include "skep/actors/bee_runner.hpp"

namespace skep {

class RunnerHost final : public BeeHost {
 public:
  std::string_view name() const override { return "tester"; }
  std::uint32_t replica() const override { return 0; }
  std::chrono::steady_clock::time_point now() const override { return {}; }
  EventTime wall_clock() const override { return {}; }
  std::mt19937_64& random() override { return random_; }
  void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  TimerId start_timer(std::chrono::nanoseconds) override { return {++timers}; }
  void cancel_timer(TimerId) override {}
  void cancel_timers() override { ++cancelled; }
  void on_loss(const Record& record, errc, std::string_view reason) override {
    losses.push_back(std::string(record.text()) + ": " + std::string(reason));
  }
  void on_held_loss(std::size_t records, std::string_view) override { held_lost += records; }

  std::vector<std::string> lines, losses;
  std::size_t held_lost = 0;
  std::uint64_t timers = 0;
  int cancelled = 0;

 private:
  std::mt19937_64 random_;
};

class BeeRunnerFixture : public ::testing::Test {
 protected:
  void start(BeeRunner::Settings settings) {
    runner_.emplace(factory_of(script_), settings, host_);
    ASSERT_TRUE(runner_->start().ok());
  }
  static std::vector<Record> records(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    return records(texts);
  }
  static std::vector<Record> records(const std::vector<std::string>& texts) {
    std::vector<Record> all;
    for (const auto& text : texts) {
      RecordHeader header;
      header.id = {1, all.size()};
      header.origin.request = 1;
      all.emplace_back(header, Payload::json(text));
    }
    return all;
  }
  /// "0 1 lose 3": emitted records by text, others by kind.
  std::string output() {
    std::string text;
    for (const auto& entry : runner_->outbox().entries()) {
      text += text.empty() ? "" : " ";
      text += entry.kind == Outbox::Kind::emit ? std::string(entry.record.text()) : "lose";
    }
    return text;
  }

  RunnerHost host_;
  Script script_;
  std::optional<BeeRunner> runner_;
};

}  // namespace skep
