#include "bench/load_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/serialization/json.hpp"

namespace skep::bench {
namespace load_report_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

LoadReport report() {
  LoadReport report{.target = "tcp://127.0.0.1:9000", .plan = {}};
  report.plan.seed = 42;
  auto& figures = report.figures;
  figures.requests = 1000;
  figures.sent = 999;
  figures.answered = 990;
  figures.errors = {{"overloaded", 4}, {"rejected", 2}};
  figures.first_error = {"rejected", "no \x1b"};
  figures.timeouts = 3;
  figures.lost = 1;
  figures.bytes_sent = 5000;
  figures.bytes_received = 6000;
  figures.duration = figures.elapsed = 10s;
  figures.latency.add(1ms, 990);
  return report;
}

TEST(LoadReportTest, HeadingSaysWhatIsDone) {
  auto closed = report();
  EXPECT_EQ(heading(closed), "tcp://127.0.0.1:9000:\n1 client, 1 in flight, for 10s after 1s of warm-up\n\n");
  closed.swarm = "echo", closed.gateway = "front", closed.plan.clients = 4;
  EXPECT_THAT(heading(closed),
              HasSubstr("swarm 'echo', gateway 'front' at tcp://127.0.0.1:9000:\n4 clients, 1 in flight each"));
  auto open = report();
  open.plan.rate = 250;
  EXPECT_THAT(heading(open), HasSubstr("250 requests a second (poisson, --seed 42), 1 client, up to 1 in flight"));
  open.plan.ramp_p99 = 5ms;
  EXPECT_THAT(heading(open), HasSubstr("the highest rate (poisson, --seed 42) with p99 <= 5ms"));
}

TEST(LoadReportTest, TextHasAllNumbersInColumns) {
  EXPECT_EQ(as_text(report()),
            "requests          1000   100.0 a second\n"
            "answered           990   99.0 a second\n"
            "failed              10   overloaded 4, rejected 2, timeout 3, connection lost 1\n"
            "                         the first: rejected: no \\x1b\n"
            "bytes             5000   sent, 6000 received\n"
            "latency     p50 1.00ms  p90 1.00ms  p99 1.00ms  p99.9 1.00ms  max 1.00ms  mean 1.00ms\n");
}

TEST(LoadReportTest, TextOfNothingAnsweredHasNoLatency) {
  LoadReport empty{.target = "x", .plan = {}};
  EXPECT_THAT(as_text(empty), Not(HasSubstr("latency")));
  EXPECT_THAT(as_text(empty), HasSubstr("\n\nwarning: no request was due within 10s (--duration)\n"));
  EXPECT_TRUE(JsonDocument::parse(as_json(empty)).ok());
  empty.figures.warm_up_unanswered = 1;
  EXPECT_THAT(as_text(empty), HasSubstr("within 10s (--duration): 1 request before it had no answer\n"));
}

TEST(LoadReportTest, ARateThatWasTriedSaysWhatMakesItDoubtful) {
  RateTried tried{.rate = 250, .held = false, .figures = report().figures};
  EXPECT_THAT(as_text(tried), HasSubstr("failed: overloaded 4, rejected 2, timeout 3, connection lost 1\n"));
  tried.figures.late = 3;
  EXPECT_THAT(as_text(tried), HasSubstr("connection lost 1, sent late: 3\n"));
}

TEST(LoadReportTest, ASearchWithFewRequestsSaysSo) {
  auto searched = report();
  searched.plan.ramp_p99 = 5ms;
  searched.figures.requests = 99;
  const auto few = ElementsAre("the p99 of 99 requests is the slowest; a longer --duration has more");
  EXPECT_THAT(warnings(searched), few) << "none was found";
  searched.best_rate = 10;
  EXPECT_THAT(warnings(searched), few);
  searched.figures.requests = 100;
  EXPECT_TRUE(warnings(searched).empty());
}

TEST(LoadReportTest, ASearchThatTheLoadGeneratorHeldUpSaysSo) {
  auto searched = report();
  searched.plan.ramp_p99 = 5ms;
  searched.tried = {{100, true, searched.figures}, {200, false, searched.figures}};
  searched.tried[0].figures.late = 1;
  EXPECT_TRUE(warnings(searched).empty()) << "it held all the same";
  searched.tried[1].figures.late = 1;
  EXPECT_THAT(warnings(searched), ElementsAre("the load generator did not keep its schedule at 1 rate that did not "
                                              "hold: the highest may be higher"));
}

TEST(LoadReportTest, WarnsOfWhatMakesFiguresDoubtful) {
  auto doubtful = report();
  EXPECT_TRUE(warnings(doubtful).empty());
  doubtful.stopped = true;
  doubtful.figures.late = 1;
  doubtful.figures.late_by = 20ms;
  doubtful.figures.without_room = 7;
  doubtful.figures.connections_lost = 2;
  doubtful.figures.lost_why = "the server has closed";
  doubtful.figures.connects_failed = 1;
  doubtful.figures.connect_why = "refused";
  const auto text = as_text(doubtful);
  EXPECT_THAT(text, HasSubstr("warning: it was stopped early\n"));
  EXPECT_THAT(text, HasSubstr("did not keep its schedule: 1 request left more than 5ms late, up to 20.0ms"));
  EXPECT_THAT(text, HasSubstr("7 requests found no room when due"));
  EXPECT_THAT(text, HasSubstr("2 connections ended and had to be made anew; the first: the server has closed\n"));
  EXPECT_THAT(text, HasSubstr("1 attempt to connect anew failed; the first: refused\n"));
}

TEST(LoadReportTest, JsonHasTheSame) {
  auto whole = report();
  whole.swarm = "echo", whole.gateway = "front";
  whole.plan.rate = 100;
  whole.split.emplace().requests = 1000;
  whole.split->queue = 30us;
  whole.split->bees.push_back({"last", 1000, 30us, 40us, 1.5});
  const auto json = JsonDocument::parse(as_json(whole));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->string("$.gateway"), "front");
  EXPECT_EQ(json->number("$.load.rate"), 100);
  EXPECT_EQ(json->integer("$.requests"), 1000);
  EXPECT_EQ(json->integer("$.failed.errors.overloaded"), 4);
  EXPECT_EQ(json->string("$.failed.first_error.message"), "no \x1b");
  EXPECT_EQ(json->integer("$.failed.timeouts"), 3);
  EXPECT_EQ(json->number("$.rate_achieved"), 99);
  EXPECT_EQ(json->number("$.latency_seconds.p99_9"), 0.001);
  EXPECT_EQ(json->number("$.time.queue_seconds"), 0.00003);
  EXPECT_FALSE(json->has("$.time.outside_seconds")) << "not measured";
  EXPECT_EQ(json->string("$.time.bees[0].name"), "last");
  EXPECT_FALSE(json->has("$.search"));
}

TEST(LoadReportTest, ASearchShowsItsRatesAndTheBest) {
  auto search = report();
  search.plan.rate = 100, search.plan.ramp_p99 = 2ms;
  search.tried = {{100, true, search.figures}, {200, false, search.figures}};
  search.best_rate = 100;
  EXPECT_EQ(as_text(search.tried[0]),
            "       100.0 a second: held      p99 1.00ms  answered 990 of 1000, failed: overloaded 4, rejected 2, "
            "timeout 3, connection lost 1\n");
  EXPECT_THAT(as_text(search), HasSubstr("The highest rate with p99 <= 2ms is about 100.0 a second:\n"));
  search.stopped = true;
  EXPECT_THAT(as_text(search), HasSubstr("is at least 100.0 a second:\n"));
  const auto json = JsonDocument::parse(as_json(search));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->number("$.search.best_rate"), 100);
  EXPECT_EQ(json->boolean("$.search.tried[1].held"), false);
  search.best_rate.reset();
  EXPECT_THAT(as_text(search), HasSubstr("No rate was found"));
  EXPECT_THAT(as_json(search), HasSubstr(R"("best_rate":null)"));
}

}  // namespace load_report_test
}  // namespace skep::bench
