// The cases of OTP's supervisor documentation (Supervisor Behaviour in OTP Design Principles; supervisor(3)), and what
// must hold whatever happens.

#include "skep/actors/supervisor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "supervisor_fixture.hpp"

namespace skep {
namespace supervisor_test {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Step {
  std::string event;
  std::string actions;  ///< that follow, in order
};

struct Case {
  std::string claim;
  SupervisorSettings settings;
  std::vector<ChildSpec> children;
  std::vector<Step> steps;
};

std::ostream& operator<<(std::ostream& out, const Case& each) {
  return out << each.claim;
}

constexpr auto all = Strategy::one_for_all;
constexpr auto rest = Strategy::rest_for_one;
constexpr auto any_significant = AutoShutdown::any_significant;
constexpr auto all_significant = AutoShutdown::all_significant;

SupervisorSettings one() {
  return {.intensity = 10, .period = 60s};
}
SupervisorSettings group(Strategy strategy) {
  return {.strategy = strategy, .intensity = 10, .period = 60s};
}
SupervisorSettings until(AutoShutdown rule) {
  return {.intensity = 10, .period = 60s, .auto_shutdown = rule};
}

ChildSpec child(std::string name, std::uint32_t rank, Restart restart = Restart::permanent, bool significant = false) {
  return {.name = std::move(name), .rank = rank, .restart = restart, .significant = significant};
}
/// a, b and c, started in that order; b as given.
std::vector<ChildSpec> abc(Restart b = Restart::permanent) {
  return {child("a", 0), child("b", 1, b), child("c", 2)};
}
std::vector<ChildSpec> alone_c() {
  auto children = abc();
  children[2].alone = true;
  return children;
}
std::vector<ChildSpec> b_shuts_down_within(std::optional<std::chrono::nanoseconds> time) {
  auto children = abc();
  children[1].shutdown = time;
  return children;
}
std::vector<ChildSpec> b_starts_within(std::chrono::nanoseconds time) {
  auto children = abc();
  children[1].start_time_max = time;
  return children;
}
std::vector<ChildSpec> significant_ab(Restart restart) {
  return {child("a", 0, restart, true), child("b", 1, restart, true), child("c", 2)};
}

const Step up{"start", "start a, start b, start c, ready"};

class SupervisorTableTest : public ::testing::TestWithParam<Case> {};

TEST_P(SupervisorTableTest, DoesWhatOtpSays) {
  const auto& [claim, settings, children, steps] = GetParam();
  SupervisedWorld world(settings, children);
  for (const auto& step : steps) EXPECT_EQ(world.run(step.event), step.actions) << "after '" << step.event << "'";
}

// clang-format off
const std::vector<Case> cases{
  // Order of start and stop.
  {"ChildrenStartInOrderAndStopInReverse", one(), abc(),
   {up, {"stop", "stop c, stop b, stop a, ended"}}},
  {"AChildIsStartedOnlyWhenTheOneBeforeItIsUp", one(), abc(),
   {{"mute b", ""}, {"start", "start a, start b"}, {"up b", "start c, ready"}}},
  {"AChildIsStoppedOnlyWhenTheOneAfterItIsDown", one(), abc(),
   {up, {"hang b", ""}, {"stop", "stop c, stop b"}, {"exit b", "stop a, ended"}}},
  {"ChildrenOfOneRankStartAndStopTogether", one(), {child("a", 0), child("b", 1), child("b2", 1), child("c", 2)},
   {{"mute b", ""}, {"hang b2", ""}, {"start", "start a, start b, start b2"}, {"up b", "start c, ready"},
    {"stop", "stop c, stop b2, stop b"}, {"exit b2", "stop a, ended"}}},
  {"AChildThatDoesNotStartAtFirstFailsTheSupervisorAndStopsTheOthers", one(), abc(),
   {{"refuse c", ""}, {"start", "start a, start b, start c, failed, stop b, stop a, ended"}}},
  {"WithoutChildrenItIsReadyAtOnce", one(), {}, {{"start", "ready"}, {"stop", "ended"}}},
  {"StoppingWhileItStartsStopsWhatIsUp", one(), abc(),
   {{"mute b", ""}, {"start", "start a, start b"}, {"stop", "stop b, stop a, ended"}, {"up b", ""}}},

  // Restart strategies.
  {"OneForOneRestartsOnlyTheFailedChild", one(), abc(), {up, {"crash b", ""}, {"+100", "start b"}}},
  {"OneForAllStopsTheOthersInReverseAndStartsAllInOrder", group(all), abc(),
   {up, {"crash b", "stop c, stop a"}, {"+100", "start a, start b, start c"}}},
  {"RestForOneRestartsTheFailedChildAndThoseStartedAfterIt", group(rest), abc(),
   {up, {"crash b", "stop c"}, {"+100", "start b, start c"}}},
  {"RestForOneOfTheLastRestartsOnlyIt", group(rest), abc(), {up, {"crash c", ""}, {"+100", "start c"}}},
  {"RestForOneOfTheFirstRestartsAll", group(rest), abc(),
   {up, {"crash a", "stop c, stop b"}, {"+100", "start a, start b, start c"}}},
  {"RestForOneLeavesChildrenOfTheSameRank", group(rest), {child("b", 1), child("b2", 1), child("c", 2)},
   {{"start", "start b, start b2, start c, ready"}, {"crash b", "stop c"}, {"+100", "start b, start c"}}},
  {"AChildAloneIsLeftByGroupStrategies", group(all), alone_c(),
   {up, {"crash b", "stop a"}, {"+100", "start a, start b"}}},
  {"AChildAloneIsRestartedByItself", group(all), alone_c(), {up, {"crash c", ""}, {"+100", "start c"}}},
  {"AGroupStartsOnlyWhenAllOfItAreDown", group(all), abc(),
   {up, {"hang a", ""}, {"crash b", "stop c, stop a"}, {"+1000", ""}, {"exit a", "start a, start b, start c"}}},
  {"AGroupMemberThatEndsWhileStoppedStillComesBack", group(all), abc(),
   {up, {"hang c", ""}, {"crash b", "stop c"}, {"crash a", ""}, {"exit c", ""}, {"+100", "start a, start b, start c"}}},

  // Restart types and exit reasons.
  {"APermanentChildIsRestartedAfterANormalEnd", one(), abc(), {up, {"exit b", ""}, {"+100", "start b"}}},
  {"APermanentChildIsRestartedAfterAShutdown", one(), abc(), {up, {"shutdown b", ""}, {"+100", "start b"}}},
  {"ATransientChildIsRestartedAfterACrash", one(), abc(Restart::transient), {up, {"crash b", ""}, {"+100", "start b"}}},
  {"ATransientChildIsNotRestartedAfterANormalEnd", one(), abc(Restart::transient), {up, {"exit b", ""}, {"+9000", ""}}},
  {"ATransientChildIsNotRestartedAfterAShutdown", one(), abc(Restart::transient),
   {up, {"shutdown b", ""}, {"+9000", ""}}},
  {"ATemporaryChildIsNotRestartedAfterACrash", one(), abc(Restart::temporary), {up, {"crash b", ""}, {"+9000", ""}}},
  {"ATemporaryChildsSpecGoesWithIt", one(), abc(Restart::temporary), {up, {"exit b", ""}, {"restart b", "error no b"}}},
  {"ATransientChildsSpecIsKept", one(), abc(Restart::transient), {up, {"exit b", ""}, {"restart b", "start b"}}},
  {"ATemporaryChildDoesNotRestartTheGroup", group(all), abc(Restart::temporary), {up, {"crash b", ""}, {"+9000", ""}}},
  {"ATemporaryChildStoppedWithTheGroupStaysDown", group(all), abc(Restart::temporary),
   {up, {"crash a", "stop c, stop b"}, {"+100", "start a, start c"}}},
  {"ATemporaryChildAfterTheFailedOneStaysDown", group(rest), abc(Restart::temporary),
   {up, {"crash a", "stop c, stop b"}, {"+100", "start a, start c"}, {"restart b", "error no b"}}},
  {"ATransientChildThatHadEndedComesBackWithTheGroup", group(all), abc(Restart::transient),
   {up, {"exit b", ""}, {"crash a", "stop c"}, {"+100", "start a, start b, start c"}}},

  // Maximum restart intensity.
  {"OneRestartMoreThanTheIntensityFailsTheSupervisor", {.intensity = 2, .period = 10s}, abc(),
   {up, {"crash a", ""}, {"+1000", "start a"}, {"crash b", ""}, {"+1000", "start b"},
    {"crash a", "failed, stop c, stop b, ended"}}},
  {"RestartsOlderThanThePeriodDoNotCount", {.intensity = 1, .period = 10s}, abc(),
   {up, {"crash a", ""}, {"+10001", "start a"}, {"crash a", ""}, {"+10001", "start a"}}},
  {"ARestartExactlyOnePeriodAgoStillCounts", {.intensity = 1, .period = 10s}, abc(),
   {up, {"crash a", ""}, {"+10000", "start a"}, {"crash b", "failed, stop c, stop a, ended"}}},
  {"WithIntensityZeroTheFirstFailureIsTheLast", {.intensity = 0, .period = 10s}, abc(),
   {up, {"crash b", "failed, stop c, stop a, ended"}}},
  {"AGroupRestartCountsOnce", {.strategy = all, .intensity = 1, .period = 10s}, abc(),
   {up, {"crash b", "stop c, stop a"}, {"+100", "start a, start b, start c"},
    {"crash b", "failed, stop c, stop a, ended"}}},
  {"EndsThatAreNotRestartedDoNotCount", {.intensity = 0, .period = 10s}, abc(Restart::transient),
   {up, {"exit b", ""}, {"restart b", "start b"}, {"exit b", ""}}},
  {"EachStartThatFailsCounts", {.intensity = 3, .period = 60s}, abc(),
   {up, {"refuse b", ""}, {"crash b", ""}, {"+100", "start b"}, {"+200", "start b"},
    {"+400", "start b, failed, stop c, stop a, ended"}}},

  // A restart that does not succeed.
  {"ARestartIsTriedAgainWithTwiceTheDelay", one(), abc(),
   {up, {"refuse b", ""}, {"crash b", ""}, {"+99", ""}, {"+1", "start b"}, {"+199", ""}, {"+1", "start b"},
    {"accept b", ""}, {"+399", ""}, {"+1", "start b"}, {"+9000", ""}}},
  {"TheDelayHasALimit", {.intensity = 100, .period = 3600s}, abc(),
   {up, {"refuse b", ""}, {"crash b", ""}, {"+11300", "start b, start b, start b, start b, start b, start b, start b"},
    {"+4999", ""}, {"+1", "start b"}, {"+5000", "start b"}}},
  {"TheDelayStartsAnewForAChildThatStayedUp", {.intensity = 10, .period = 5s}, abc(),
   {up, {"crash b", ""}, {"+100", "start b"}, {"crash b", ""}, {"+199", ""}, {"+1", "start b"}, {"+5001", ""},
    {"crash b", ""}, {"+100", "start b"}}},
  {"UnderOneForAllAFailedRestartStopsThoseAlreadyUp", group(all), abc(),
   {up, {"refuse b", ""}, {"crash b", "stop c, stop a"}, {"+100", "start a, start b, stop a"}, {"accept b", ""},
    {"+200", "start a, start b, start c"}}},
  {"UnderRestForOneAFailedRestartLeavesThoseBeforeIt", group(rest), abc(),
   {up, {"refuse b", ""}, {"crash a", "stop c, stop b"}, {"+100", "start a, start b"}, {"accept b", ""},
    {"+100", "start b, start c"}}},
  {"UnderOneForOneChildrenDoNotWaitForEachOther", one(), abc(),
   {up, {"mute a", ""}, {"crash a", ""}, {"+100", "start a"}, {"crash b", ""}, {"+100", "start b"}}},

  // Start and shutdown times.
  {"AChildThatDoesNotStopInItsTimeIsKilled", one(), b_shuts_down_within(2s),
   {up, {"hang b", ""}, {"stop", "stop c, stop b"}, {"+1999", ""}, {"+1", "kill b, stop a, ended"}}},
  {"TheShutdownTimeIsThatOfOtpsWorkersUnlessSet", one(), b_shuts_down_within(limits::shutdown_time_max),
   {up, {"hang b", ""}, {"stop", "stop c, stop b"}, {"+4999", ""}, {"+1", "kill b, stop a, ended"}}},
  {"BrutalKillDoesNotAsk", one(), b_shuts_down_within(0s), {up, {"stop", "stop c, kill b, stop a, ended"}}},
  {"InfinityWaitsForEver", one(), b_shuts_down_within(std::nullopt),
   {up, {"hang b", ""}, {"stop", "stop c, stop b"}, {"+1000000", ""}, {"exit b", "stop a, ended"}}},
  {"AKilledChildOfAGroupComesBack", group(all), b_shuts_down_within(0s),
   {up, {"crash a", "stop c, kill b"}, {"+100", "start a, start b, start c"}}},
  {"AChildThatIsNotReadyInTimeHasFailedToStart", one(), b_starts_within(3s),
   {{"mute b", ""}, {"start", "start a, start b"}, {"+2999", ""}, {"+1", "kill b, failed, stop a, ended"}}},
  {"ARestartThatIsNotReadyInTimeIsTriedAgain", one(), b_starts_within(3s),
   {up, {"mute b", ""}, {"crash b", ""}, {"+100", "start b"}, {"+3000", "kill b"}, {"+200", "start b"}}},

  // Automatic shutdown and significant children.
  {"NeverIgnoresEndsOfChildren", one(), abc(Restart::temporary), {up, {"exit b", ""}}},
  {"AnySignificantShutsDownWhenATransientOneEndsWell", until(any_significant), significant_ab(Restart::transient),
   {up, {"exit a", "stop c, stop b, ended"}}},
  {"AnySignificantRestartsATransientOneThatCrashed", until(any_significant), significant_ab(Restart::transient),
   {up, {"crash a", ""}, {"+100", "start a"}}},
  {"AnySignificantShutsDownWhenATemporaryOneCrashes", until(any_significant), significant_ab(Restart::temporary),
   {up, {"crash a", "stop c, stop b, ended"}}},
  {"AllSignificantWaitsForTheLast", until(all_significant), significant_ab(Restart::temporary),
   {up, {"crash a", ""}, {"exit b", "stop c, ended"}}},
  {"AllSignificantCountsOneThatIsToBeRestarted", until(all_significant), significant_ab(Restart::transient),
   {up, {"crash a", ""}, {"exit b", ""}, {"+100", "start a"}, {"exit a", "stop c, ended"}}},
  {"ATerminatedSignificantChildShutsNothingDown", until(any_significant), significant_ab(Restart::transient),
   {up, {"terminate a", "stop a"}, {"exit b", "stop c, ended"}}},
  {"ASignificantChildStoppedWithItsGroupShutsNothingDown",
   {.strategy = all, .intensity = 10, .period = 60s, .auto_shutdown = any_significant}, significant_ab(Restart::temporary),
   {up, {"crash c", "stop b, stop a"}, {"+100", "start c"}}},

  // Requests.
  {"ATerminatedChildStaysDownAndCanBeRestarted", one(), abc(),
   {up, {"terminate b", "stop b"}, {"+9000", ""}, {"restart b", "start b"}, {"restart b", "error running"}}},
  {"ATerminatedChildComesBackWithItsGroup", group(all), abc(),
   {up, {"terminate b", "stop b"}, {"crash a", "stop c"}, {"+100", "start a, start b, start c"}}},
  {"ATerminatedTemporaryChildIsForgotten", one(), abc(Restart::temporary),
   {up, {"terminate b", "stop b"}, {"restart b", "error no b"}}},
  {"TerminatingEndsARestart", one(), abc(), {up, {"crash b", ""}, {"terminate b", ""}, {"+9000", ""}}},
  {"AChildToBeRestartedIsRestarting", one(), abc(),
   {up, {"crash b", ""}, {"restart b", "error restarting"}, {"delete b", "error restarting"}}},
  {"ARunningChildIsNotDeleted", one(), abc(), {up, {"delete b", "error running"}}},
  {"ADeletedChildIsGone", one(), abc(),
   {up, {"terminate b", "stop b"}, {"delete b", ""}, {"restart b", "error no b"}, {"add b", "start b"}}},
  {"AnAddedChildStopsFirst", one(), abc(), {up, {"add d", "start d"}, {"stop", "stop d, stop c, stop b, stop a, ended"}}},
  {"AnAddedChildThatDoesNotStartIsForgotten", one(), abc(),
   {up, {"refuse d", ""}, {"add d", "start d"}, {"+9000", ""}, {"restart d", "error no d"}}},
  {"ARequestedRestartThatFailsIsNotRepeated", one(), abc(),
   {up, {"terminate b", "stop b"}, {"refuse b", ""}, {"restart b", "start b"}, {"+9000", ""}, {"restart b", "start b"}}},
  {"ANameIsTakenOnce", one(), abc(),
   {up, {"add b", "error already_started"}, {"terminate b", "stop b"}, {"add b", "error already_present"}}},
  {"NothingIsStartedWhileItStops", one(), abc(),
   {up, {"hang c", ""}, {"stop", "stop c"}, {"add d", "error the supervisor is shutting down"},
    {"restart a", "error the supervisor is shutting down"}}},

  // Answers of earlier lives.
  {"WhatAnEarlierLifeSaysIsIgnored", one(), abc(), {up, {"crash b", ""}, {"+100", "start b"}, {"late b", ""}, {"+9000", ""}}},
  {"TheEndOfAChildThatIsDownIsIgnored", one(), abc(), {up, {"crash b", ""}, {"crash b", ""}, {"+200", "start b"}}},
  {"AFailureWhileItStopsRestartsNothing", one(), abc(),
   {up, {"hang c", ""}, {"stop", "stop c"}, {"crash a", ""}, {"exit c", "stop b, ended"}}},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Otp, SupervisorTableTest, ::testing::ValuesIn(cases),
                         [](const auto& each) { return each.param.claim; });

TEST(SupervisorTest, SaysWhyItGaveUpAndKeepsTheReasons) {
  SupervisedWorld world({.intensity = 1, .period = 60s}, abc());
  world.run("start");
  world.run("crash a");
  world.run("+100");
  world.run("crash b");
  EXPECT_THAT(world.supervisor().failure(), StartsWith("more than 1 restart within 1m"));
  EXPECT_THAT(world.supervisor().failure(), HasSubstr("of b: b crashed"));
  ASSERT_EQ(world.supervisor().reasons().size(), 2u);
  EXPECT_EQ(world.supervisor().reasons()[0].child, "a");
  EXPECT_EQ(world.supervisor().reasons()[0].text, "a crashed");
  EXPECT_EQ(world.supervisor().restarts(), 1u);
}

TEST(SupervisorTest, KeepsOnlyTheLastReasonsAndOnlySoMuchOfEach) {
  SupervisedWorld world({.intensity = limits::restart_intensity_max, .period = 3600s}, {child("a", 0)});
  world.run("start");
  for (std::size_t i = 0; i < 2 * limits::failure_reasons_max; ++i) {
    const ChildRun run{ChildId{0}, static_cast<std::uint32_t>(i + 1)};
    world.supervisor().ended(run, ExitKind::abnormal, std::to_string(i) + std::string(100'000, 'x'), world.now());
    world.advance(limits::restart_delay_max);
  }
  const auto& reasons = world.supervisor().reasons();
  EXPECT_EQ(reasons.size(), limits::failure_reasons_max);
  EXPECT_THAT(reasons.front().text, StartsWith(std::to_string(limits::failure_reasons_max) + "x"));
  EXPECT_EQ(reasons.front().text.size(), limits::message_bytes_max);
}

TEST(SupervisorTest, AChildThatDoesNotStartWithTheOthersStartsWhenItIsPlaced) {
  auto children = abc();
  children[1].starts = false;
  SupervisedWorld world({.intensity = 3, .period = 60s}, children);
  world.run("start");
  const ChildId b{1};
  EXPECT_EQ(world.supervisor().phase(), Supervisor::Phase::running) << "nobody waits for it";
  EXPECT_EQ(world.supervisor().state(b), Supervisor::ChildState::down);
  world.supervisor().place_child(b, world.now());
  world.run("+1");
  EXPECT_EQ(world.supervisor().state(b), Supervisor::ChildState::running);
  world.run("crash b");
  world.advance(limits::restart_delay_max);
  EXPECT_EQ(world.supervisor().state(b), Supervisor::ChildState::running) << "it is restarted like the others";
  EXPECT_TRUE(world.supervisor().terminate_child(b, world.now()).ok());
  world.supervisor().ended(world.supervisor().run(b), ExitKind::shutdown, "", world.now());
  EXPECT_EQ(world.supervisor().state(b), Supervisor::ChildState::down);
  world.supervisor().place_child(b, world.now());
  world.supervisor().place_child(b, world.now());
  world.run("+1");
  EXPECT_EQ(world.supervisor().state(b), Supervisor::ChildState::running);
}

TEST(SupervisorTest, RefusesSpecsThatCannotBeMeant) {
  EXPECT_TRUE(Supervisor::check(one(), abc()).ok());
  EXPECT_FALSE(Supervisor::check(one(), {child("a", 0), child("a", 1)}).ok());
  EXPECT_FALSE(Supervisor::check(one(), {child("a", 0, Restart::transient, true)}).ok());
  EXPECT_FALSE(Supervisor::check(until(any_significant), {child("a", 0, Restart::permanent, true)}).ok());
  EXPECT_TRUE(Supervisor::check(until(any_significant), {child("a", 0, Restart::transient, true)}).ok());
}

TEST(SupervisorTest, AHundredThousandChildrenStartAndStopWithoutQuadraticWork) {
  std::vector<ChildSpec> children;
  for (std::uint32_t i = 0; i < 100'000; ++i) children.push_back(child(std::to_string(i), i / 50'000));
  SupervisedWorld world(one(), std::move(children));
  world.run("start");
  EXPECT_EQ(world.supervisor().phase(), Supervisor::Phase::running);
  world.run("stop");
  EXPECT_EQ(world.supervisor().phase(), Supervisor::Phase::ended);
}

// What holds whatever happens.

std::vector<ChildSpec> any_children() {
  std::vector<ChildSpec> children;
  const auto count = *rc::gen::inRange(1, 7);
  for (int i = 0; i < count; ++i) {
    const auto restart = *rc::gen::element(Restart::permanent, Restart::transient, Restart::temporary);
    auto spec =
        child(std::string(1, static_cast<char>('a' + i)), static_cast<std::uint32_t>(*rc::gen::inRange(0, 4)), restart);
    spec.alone = *rc::gen::inRange(0, 5) == 0;
    spec.shutdown = *rc::gen::element<std::optional<std::chrono::nanoseconds>>(0s, 1s, 5s);
    spec.start_time_max = 10s;
    children.push_back(std::move(spec));
  }
  return children;
}

SupervisorSettings any_settings() {
  return {.strategy = *rc::gen::element(Strategy::one_for_one, all, rest),
          .intensity = *rc::gen::inRange<std::uint32_t>(0, 5),
          .period = std::chrono::seconds(*rc::gen::inRange(1, 30))};
}

std::string any_event(std::size_t children) {
  const auto verb = *rc::gen::weightedElement<std::string>({{6, "crash"},
                                                            {3, "exit"},
                                                            {1, "shutdown"},
                                                            {2, "refuse"},
                                                            {3, "accept"},
                                                            {1, "hang"},
                                                            {1, "mute"},
                                                            {1, "up"},
                                                            {1, "terminate"},
                                                            {2, "restart"},
                                                            {6, "+"}});
  if (verb == "+") return "+" + std::to_string(*rc::gen::inRange(1, 8000));
  return verb + " " + std::string(1, static_cast<char>('a' + *rc::gen::inRange<std::size_t>(0, children)));
}

/// Watches every action of a run.
class Watcher {
 public:
  explicit Watcher(SupervisedWorld& world) : world_(world) {
    world.on_action = [this](const SupervisorAction& action) { look(action); };
  }
  std::vector<std::uint32_t> stopped_ranks;  ///< as they were told

 private:
  void look(const SupervisorAction& action) {
    using Kind = SupervisorAction::Kind;
    RC_ASSERT(!ended_);
    ended_ = action.kind == Kind::ended;
    if (action.kind == Kind::failed) failed_ = true;
    if (action.kind != Kind::start && action.kind != Kind::stop && action.kind != Kind::kill) return;
    const auto child = static_cast<std::size_t>(action.run.child);
    RC_ASSERT(child < world_.supervisor().size());
    if (action.kind == Kind::start) {
      RC_ASSERT(!failed_);
      RC_ASSERT(action.run.life == ++lives_[child]);  // every life begins once
      told_.erase(child);
    } else {
      RC_ASSERT(action.run.life == lives_[child]);  // nobody is stopped who is not there
      RC_ASSERT(action.kind == Kind::kill || told_.count(child) == 0);
      if (told_.insert(child).second) stopped_ranks.push_back(world_.supervisor().spec(action.run.child).rank);
    }
  }

  SupervisedWorld& world_;
  std::map<std::size_t, std::uint32_t> lives_;
  std::set<std::size_t> told_;
  bool failed_ = false, ended_ = false;
};

TEST(SupervisorPropertyTest, NeverRestartsMoreThanTheIntensityWithinAPeriodWithoutGivingUp) {
  EXPECT_TRUE(rc::check([] {
    const auto settings = any_settings();
    const auto children = any_children();
    SupervisedWorld world(settings, children);
    const Watcher watcher(world);
    world.run("start");
    for (int i = 0; i < 60; ++i) world.run(any_event(children.size()));
    const auto& times = world.restarts();
    for (std::size_t i = settings.intensity; i < times.size(); ++i) {
      RC_ASSERT(settings.intensity != 0u);
      RC_ASSERT(times[i] - times[i - settings.intensity] > settings.period);
    }
  }));
}

TEST(SupervisorPropertyTest, StopsInTheReverseOfStartAndEndsWithAllChildrenDown) {
  EXPECT_TRUE(rc::check([] {
    const auto children = any_children();
    SupervisedWorld world(any_settings(), children);
    Watcher watcher(world);
    world.run("start");
    const auto events = *rc::gen::inRange(0, 40);
    for (int i = 0; i < events; ++i) world.run(any_event(children.size()));
    watcher.stopped_ranks.clear();
    world.run("stop");
    world.run("+60000");
    RC_ASSERT(std::ranges::is_sorted(watcher.stopped_ranks, std::greater()));
    RC_ASSERT(world.supervisor().phase() == Supervisor::Phase::ended);
    for (std::size_t i = 0; i < children.size(); ++i) {
      const auto state = world.supervisor().state(ChildId(i));
      RC_ASSERT(state == Supervisor::ChildState::down || state == Supervisor::ChildState::removed);
    }
    RC_ASSERT(!world.supervisor().due().has_value());
  }));
}

TEST(SupervisorPropertyTest, PermanentChildrenAreUpAgainOnceNothingFailsAnyMore) {
  EXPECT_TRUE(rc::check([] {
    auto children = any_children();
    for (auto& spec : children) spec.restart = Restart::permanent;
    auto settings = any_settings();
    settings.intensity = limits::restart_intensity_max;
    SupervisedWorld world(settings, children);
    const Watcher watcher(world);
    world.run("start");
    const auto events = *rc::gen::inRange(0, 30);
    for (int i = 0; i < events; ++i) {
      const auto event = any_event(children.size());
      const bool lasting = event.starts_with("mute") || event.starts_with("hang") || event.starts_with("terminate");
      if (!lasting) world.run(event);
    }
    for (const auto& spec : children) world.run("accept " + spec.name);
    world.run("+60000");
    for (std::size_t i = 0; i < children.size(); ++i) {
      RC_ASSERT(world.supervisor().state(ChildId(i)) == Supervisor::ChildState::running);
    }
  }));
}

}  // namespace supervisor_test
}  // namespace skep
