#include "skep/testing/bee_harness.hpp"

#include <gtest/gtest.h>

#include "skep/serialization/failure.hpp"

namespace skep {
namespace bee_harness_test {

using namespace std::chrono_literals;
using testing::BeeHarness;
using testing::make_record;

class Scale final : public Bee {
 public:
  struct Options {
    std::int64_t scale = 2;
  };

  static void describe(BeeClass<Scale>& c) {
    c.summary("Multiplies.")
        .input(ContentKind::json)
        .output("rejected", &Scale::rejected_)
        .option("scale", &Options::scale, {.min = 1, .max = 100});
  }
  explicit Scale(Options options) : options_(options) {}

  void on_record(Record record, Outbox& out) override {
    const auto number = std::stoll(std::string(record.text()));
    if (number < 0) {
      out.fail(record, "expected a positive number");
      return out.emit(rejected_, std::move(record));
    }
    out.emit(record.with(Payload::json(std::to_string(options_.scale * number))));
  }

 private:
  Options options_;
  Port rejected_;
};

TEST(BeeHarnessTest, BuildsABeeFromItsPlainOptionsAndBindsItsPorts) {
  BeeHarness<Scale> bee({.scale = 16});
  bee.send("3");
  bee.send("-1");
  ASSERT_EQ(bee.emitted().size(), 1u);
  EXPECT_EQ(bee.emitted()[0].text(), "48");
  EXPECT_EQ(bee.emitted("rejected").at(0).text(), "-1");
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].message, "expected a positive number");
  EXPECT_EQ(bee.rebuilds(), 0u);
}

/// As many forget to describe a port.
class Forgetful final : public Bee {
 public:
  static void describe(BeeClass<Forgetful>& c) { c.no_default_output(); }
  void on_record(Record record, Outbox& out) override {
    if (record.text() == "1") out.emit(alerts_, std::move(record));
    if (record) out.emit(std::move(record));
  }

 private:
  Port alerts_;
};

TEST(BeeHarnessTest, APortThatIsNotDescribedCannotBeSentOn) {
  BeeHarness<Forgetful> bee;
  bee.send("1");
  EXPECT_EQ(bee.emitted().size(), 0u);
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_NE(bee.failures()[0].message.find("describe() must say output(\"...\", &T::port_)"), std::string::npos);
}

TEST(BeeHarnessTest, ADefaultPortThatIsSaidToBeUnusedIsNotUsed) {
  BeeHarness<Forgetful> bee;
  EXPECT_THROW(bee.send("2"), std::logic_error);
}

TEST(BeeHarnessTest, ANameThatNoPortHasIsToldWithTheNearest) {
  BeeHarness<Scale> bee;
  try {
    (void)bee.emitted("rejcted");
    FAIL();
  } catch (const std::invalid_argument& thrown) {
    EXPECT_STREQ(thrown.what(), "the bee has no port 'rejcted' (did you mean 'rejected'?)");
  }
}

TEST(BeeHarnessTest, UsesTheDefaultsOfTheOptions) {
  BeeHarness<Scale> bee;
  bee.send("3");
  EXPECT_EQ(bee.emitted().at(0).text(), "6");
}

TEST(BeeHarnessTest, AThrowCostsTheRecordAndRebuildsTheBee) {
  BeeHarness<Scale> bee;
  bee.send("no number");
  bee.send("1");
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].code, errc::bee_failed);
  EXPECT_EQ(bee.emitted().size(), 1u);
  EXPECT_EQ(bee.rebuilds(), 1u);
}

TEST(BeeHarnessTest, ShowsWhatClientsAreTold) {
  BeeHarness<Scale> bee;
  bee.send("-1");
  bee.send("no number");
  ASSERT_EQ(bee.failures().size(), 2u);
  EXPECT_EQ(bee.failures()[0].code, errc::rejected);
  EXPECT_EQ(bee.failures()[0].message, "expected a positive number");
  EXPECT_FALSE(bee.failures()[0].retry_safe);
  EXPECT_EQ(bee.failures()[1].code, errc::bee_failed);
}

TEST(BeeHarnessTest, AnUnknownPortNameIsAMistakeOfTheTest) {
  BeeHarness<Scale> bee;
  EXPECT_THROW(static_cast<void>(bee.emitted("nowhere")), std::invalid_argument);
}

TEST(BeeHarnessTest, ReadsTheOptionsOfARegisteredClassAsAFileHasThem) {
  BeeRegistry registry;
  registry.add<Scale>("test.scale");
  testing::BeeHarnessBase bee(registry, "test.scale", {OptionValue::Table{{"scale", {}, {std::int64_t{5}, {}}}}, {}});
  bee.send("3");
  EXPECT_EQ(bee.emitted().at(0).text(), "15");
  const OptionValue wrong{OptionValue::Table{{"scale", {}, {std::int64_t{0}, {}}}}, {}};
  EXPECT_THROW(testing::BeeHarnessBase(registry, "test.scale", wrong), std::invalid_argument);
}

class Ticker final : public Bee {
 public:
  void on_start(BeeContext& context) override {
    context_ = &context;
    first_ = context.start_timer(10ms);
    cancelled_ = context.start_timer(20ms);
  }
  void on_record(Record record, Outbox&) override {
    last_ = std::move(record);
    context_->cancel_timer(cancelled_);
  }
  void on_timer(TimerId timer, Outbox& out) override {
    context_->log(LogLevel::info, timer == first_ ? "first" : "later");
    if (last_) out.emit(last_);
    context_->start_timer(10ms);
  }
  void on_stop(Outbox& out) override { out.reply(last_); }

 private:
  BeeContext* context_ = nullptr;
  TimerId first_, cancelled_;
  Record last_;
};

TEST(BeeHarnessTest, MovesVirtualTimeAndFiresTimersInOrder) {
  BeeHarness<Ticker> bee;
  bee.send("1");
  bee.advance(9ms);
  EXPECT_TRUE(bee.log().empty());
  bee.advance(26ms);
  ASSERT_EQ(bee.log().size(), 3u);
  EXPECT_EQ(bee.log()[0].text, "first");
  EXPECT_EQ(bee.log()[1].text, "later");
  EXPECT_EQ(bee.emitted().size(), 3u);
  bee.stop();
  EXPECT_EQ(bee.replies().size(), 1u);
  bee.clear();
  EXPECT_TRUE(bee.replies().empty() && bee.emitted().empty() && bee.log().empty());
}

class Fan final : public Bee {
 public:
  struct Options {
    std::int64_t ways = 2;
  };
  static void describe(BeeClass<Fan>& c) {
    c.option("ways", &Options::ways).outputs_from([](const Options& options) {
      std::vector<PortDescription> ports;
      for (std::int64_t way = 0; way < options.ways; ++way) ports.push_back({"way" + std::to_string(way), ""});
      return ports;
    });
  }
  explicit Fan(Options options) : options_(options) {}
  void on_record(Record record, Outbox& out) override {
    for (std::int64_t way = 0; way < options_.ways; ++way) out.emit(Port(static_cast<std::uint16_t>(way + 1)), record);
  }

 private:
  Options options_;
};

TEST(BeeHarnessTest, KnowsThePortsThatOnlyTheOptionsKnow) {
  BeeHarness<Fan> bee({.ways = 3});
  bee.send("1");
  EXPECT_EQ(bee.emitted("way2").size(), 1u);
  EXPECT_TRUE(bee.emitted().empty());
}

class Sum final : public Bee {
 public:
  explicit Sum(int start) : sum_(start) {}
  void on_batch(std::span<Record> records, Outbox& out) override {
    for (const auto& record : records) sum_ += std::stoi(std::string(record.text()));
    out.emit(records[0].with(Payload::json(std::to_string(sum_))));
  }
  int sum_;
};

TEST(BeeHarnessTest, GivesABatchToOnBatchAndShowsTheObject) {
  BeeHarness<Sum> bee({}, [](const auto&) { return std::make_unique<Sum>(100); });
  bee.send_batch({make_record("1"), make_record("2"), make_record("3")});
  ASSERT_EQ(bee.emitted().size(), 1u);
  EXPECT_EQ(bee.emitted()[0].text(), "106");
  EXPECT_EQ(bee.bee().sum_, 106);
}

class Shy final : public Bee {
 public:
  void on_start(BeeContext&) override { throw std::runtime_error("no such file"); }
};

TEST(BeeHarnessTest, AFailedStartThrowsWithItsWords) {
  try {
    BeeHarness<Shy> bee;
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no such file"), std::string::npos);
  }
}

/// Holds what it gets for 10 ms, and answers all of it at once.
class Gather final : public Bee {
 public:
  static void describe(BeeClass<Gather>& c) { c.summary("Gathers.").holds_records(); }
  void on_start(BeeContext& context) override { context_ = &context; }
  void on_record(Record record, Outbox& out) override {
    if (record.text() == "0") throw std::runtime_error("no zeros");
    if (gathered_.empty()) context_->start_timer(10ms);
    gathered_.push_back(out.hold(std::move(record)));
  }
  void on_timer(TimerId, Outbox& out) override {
    const auto count = Payload::json(std::to_string(gathered_.size()));
    for (auto& held : gathered_) {
      if (held.expired()) {
        out.drop(held.release(), "too late");
      } else {
        out.reply(held.release().with(count));
      }
    }
    gathered_.clear();
  }

 private:
  BeeContext* context_ = nullptr;
  std::vector<Held> gathered_;
};

TEST(BeeHarnessTest, CountsWhatABeeHoldsUntilItLetsGo) {
  BeeHarness<Gather> bee;
  bee.send("1");
  bee.send("2");
  EXPECT_EQ(bee.held(), 2u);
  EXPECT_TRUE(bee.replies().empty());
  bee.advance(10ms);
  ASSERT_EQ(bee.replies().size(), 2u);
  EXPECT_EQ(bee.replies()[1].text(), "2");
  EXPECT_EQ(bee.held(), 0u);
}

TEST(BeeHarnessTest, AHandleShowsThatItsDeadlineHasPassed) {
  BeeHarness<Gather> bee;
  const auto lender = make_record("1");
  auto header = lender.header();                                      // a view of it
  header.deadline = std::chrono::steady_clock::time_point(1h + 5ms);  // the harness's clock begins at 1 h
  bee.send(Record(header, Payload::json("1")));
  bee.send("2");
  bee.advance(10ms);
  EXPECT_EQ(bee.replies().size(), 1u);
  EXPECT_EQ(bee.drops().size(), 1u);
}

TEST(BeeHarnessTest, WhatABeeHoldsIsLostWithItAndOneTooManyIsRefused) {
  BeeHarness<Gather> bee;
  bee.limit_held({.records_max = 2});
  for (const auto* number : {"1", "2", "3"}) bee.send(number);
  ASSERT_EQ(bee.failures().size(), 1u);
  EXPECT_EQ(bee.failures()[0].code, errc::overloaded);
  bee.send("0");
  EXPECT_EQ(bee.held(), 0u);
  EXPECT_EQ(bee.failures().size(), 4u);
  bee.send("4");
  bee.stop();
  ASSERT_EQ(bee.failures().size(), 5u);
  EXPECT_EQ(bee.failures()[4].code, errc::unavailable);
}

}  // namespace bee_harness_test
}  // namespace skep
