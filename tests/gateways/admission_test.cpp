#include "../../gateways/src/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep {
namespace admission_test {

using ::testing::HasSubstr;

constexpr AdmissionLimits rejecting{
    .answers = true, .requests_max = 8, .session_requests_max = 4, .write_bytes_max = 100};

AdmissionLimits with(bool answers, bool blocks) {
  auto limits = rejecting;
  limits.answers = answers;
  limits.blocks = blocks;
  return limits;
}

/// For a gateway that answers and rejects, answers and blocks, takes one way and rejects, takes one way and blocks:
/// what a session is told, and what a request that comes all the same is refused with ("": it is admitted).
struct Case {
  const char* name;
  AdmissionLoad load;
  std::pair<Take, const char*> answers_rejects, answers_blocks, one_way_rejects, one_way_blocks;
};

constexpr auto yes = Take::yes;
constexpr auto swarm = Take::wait_for_swarm;
constexpr auto client = Take::wait_for_client;

class AdmissionTest : public ::testing::TestWithParam<Case> {};

TEST_P(AdmissionTest, FollowsTheTable) {
  const auto& c = GetParam();
  const auto check = [&](const AdmissionLimits& limits, std::pair<Take, const char*> expected) {
    const Admission admission(limits);
    EXPECT_EQ(admission.may_take(c.load), expected.first) << limits.answers << limits.blocks;
    const auto refusal = admission.refusal(c.load);
    EXPECT_EQ(refusal.has_value(), *expected.second != '\0') << limits.answers << limits.blocks;
    if (!refusal) return;
    EXPECT_THAT(refusal->message, HasSubstr(expected.second));
    EXPECT_TRUE(refusal->retry_safe);
  };
  check(with(true, false), c.answers_rejects);
  check(with(true, true), c.answers_blocks);
  check(with(false, false), c.one_way_rejects);
  check(with(false, true), c.one_way_blocks);
}

INSTANTIATE_TEST_SUITE_P(
    All, AdmissionTest,
    ::testing::Values(
        Case{"Idle", {}, {yes, ""}, {yes, ""}, {yes, ""}, {yes, ""}},
        Case{"BelowEveryLimit",
             {.requests = 7, .session_requests = 3, .session_places = 7, .session_backlog = 50},
             {yes, ""},
             {yes, ""},
             {yes, ""},
             {yes, ""}},
        Case{"SwarmBehind", {.swarm_behind = true}, {yes, "window"}, {swarm, ""}, {yes, "window"}, {swarm, ""}},
        Case{"Shedding",
             {.shedding = "90 of 100 in use"},
             {yes, "90 of 100"},
             {swarm, ""},
             {yes, "90 of 100"},
             {swarm, ""}},
        Case{"NoRoomForThePayload",
             {.payload_fits = false, .payload_bytes_max = 1024},
             {yes, "payload_bytes_max = 1KiB"},
             {swarm, ""},
             {yes, ""},
             {yes, ""}},
        Case{"NoRoomForThePayloadOnItsThread",
             {.payload_fits = false, .payload_bytes_max = 1024, .io_threads = 4},
             {yes, "payload_bytes_max = 1KiB on each of 4 I/O threads"},
             {swarm, ""},
             {yes, ""},
             {yes, ""}},
        Case{"TooManyRequests", {.requests = 8}, {yes, " requests_max = 8"}, {swarm, ""}, {yes, ""}, {yes, ""}},
        Case{"TooManyOfTheSession",
             {.requests = 4, .session_requests = 4},
             {yes, "session_requests_max = 4"},
             {client, ""},
             {yes, ""},
             {yes, ""}},
        Case{"TheClientReadsNothing", {.session_places = 8}, {client, ""}, {client, ""}, {client, ""}, {client, ""}},
        Case{"TheClientReadsSlowly", {.session_backlog = 51}, {client, ""}, {client, ""}, {client, ""}, {client, ""}},
        Case{"Failed",
             {.unavailable = "it broke"},
             {yes, "it broke"},
             {yes, "it broke"},
             {swarm, "it broke"},
             {swarm, "it broke"}},
        Case{"FailedAndTheClientReadsNothing",
             {.unavailable = "it broke", .session_places = 8},
             {client, "it broke"},
             {client, "it broke"},
             {client, "it broke"},
             {client, "it broke"}},
        Case{"Draining",
             {.draining = true, .unavailable = "it broke", .swarm_behind = true, .requests = 8},
             {yes, "shutting down"},
             {yes, "shutting down"},
             {yes, "shutting down"},
             {yes, "shutting down"}}),
    [](const auto& test) { return test.param.name; });

TEST(AdmissionTest, AClientThatDoesNotReadIsNotReadWhereTheNodeHasNoRoomForItsAnswers) {
  const Admission admission(
      {.answers = true, .requests_max = 8, .session_requests_max = 4, .write_bytes_max = 1 << 20});
  const auto most = limits::session_free_bytes;
  EXPECT_EQ(admission.may_take({.session_backlog = most, .buffers_fit = false}), Take::yes);
  EXPECT_EQ(admission.may_take({.session_backlog = most + 1, .buffers_fit = false}), Take::wait_for_client);
  EXPECT_EQ(admission.may_take({.session_backlog = most + 1, .buffers_fit = true}), Take::yes);
}

TEST(AdmissionCodeTest, AnOverloadAndAnEndHaveTheirOwnCodes) {
  const Admission admission(rejecting);
  EXPECT_EQ(admission.refusal({.swarm_behind = true})->code, errc::overloaded);
  EXPECT_EQ(admission.refusal({.requests = 8})->code, errc::overloaded);
  EXPECT_EQ(admission.refusal({.draining = true})->code, errc::unavailable);
  EXPECT_EQ(admission.refusal({.unavailable = "it broke"})->code, errc::unavailable);
}

}  // namespace admission_test
}  // namespace skep
