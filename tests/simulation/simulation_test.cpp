#include "simulation.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>

namespace skep::simulation {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// As printf wants it.
unsigned long long number(std::uint64_t value) {
  return value;
}

std::string report(const Outcome& outcome) {
  return "seed " + std::to_string(outcome.seed) + ": " + outcome.violation +
         "\nto play it again: SKEP_SEED=" + std::to_string(outcome.seed) +
         " build/release/bin/simulation_tests\nthe last of " + std::to_string(outcome.events) + " events:\n" +
         outcome.trace;
}

/// The first seed of `first` to `first + count - 1` with which something is broken.
std::optional<Outcome> find(Faults faults, std::uint64_t first, std::uint64_t count) {
  for (auto seed = first; seed < first + count; ++seed) {
    auto outcome = simulate(seed, faults);
    if (!outcome.ok()) return outcome;
  }
  return std::nullopt;
}

TEST(SimulationTest, NoInvariantIsBroken) {
  const bool one = std::getenv("SKEP_SEED") != nullptr;
  const auto first = from_environment("SKEP_SEED", 1);
  const auto end = first + (one ? 1 : from_environment("SKEP_SEEDS", 300));
  const auto begun = std::chrono::steady_clock::now();
  std::atomic<std::uint64_t> next = first, events = 0, records = 0, checks = 0;
  std::mutex mutex;
  Counts counts;
  std::optional<Outcome> broken;  // the lowest seed
  const auto play = [&] {
    for (auto seed = next++; seed < end; seed = next++) {
      auto outcome = simulate(seed, {}, one ? 100'000 : 100);
      events += outcome.events;
      records += outcome.records;
      checks += outcome.checks;
      const std::lock_guard lock(mutex);
      counts += outcome.counts;
      if (outcome.ok()) continue;
      next = end;
      if (!broken || outcome.seed < broken->seed) broken = std::move(outcome);
    }
  };
  std::jthread other(play);
  play();
  other.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf(
      "%llu seeds, %llu operations, %llu requests admitted, %llu answered with a record, %llu answers came later, "
      "%llu ends of records, %llu dropped, %llu held, %llu handed back, %llu blamed (%llu of them by chance), %llu "
      "events, %llu checks in %.1f "
      "s\n",
      number(end - first), number((end - first) * operations_per_run), number(records), number(counts.answered),
      number(counts.late), number(counts.ends), number(counts.dropped), number(counts.held), number(counts.handed_back),
      number(counts.blamed), number(counts.innocent), number(events), number(checks), took.count());
  EXPECT_FALSE(broken) << report(*broken);
}

TEST(SimulationTest, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto once = simulate(seed), again = simulate(seed);
    EXPECT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
    EXPECT_NE(once.trace_hash, simulate(seed + 1).trace_hash);
  }
}

struct NamedFault {
  const char* name;
  Faults faults;
  friend void PrintTo(const NamedFault& fault, std::ostream* out) { *out << fault.name; }
};

class SimulationFaultTest : public ::testing::TestWithParam<NamedFault> {};

TEST_P(SimulationFaultTest, IsFoundWithin200Seeds) {
  const auto found = find(GetParam().faults, 1, 200);
  ASSERT_TRUE(found);
  std::printf("%s: seed %llu: %s\n", GetParam().name, static_cast<unsigned long long>(found->seed),
              found->violation.c_str());
}

INSTANTIATE_TEST_SUITE_P(Deliberate, SimulationFaultTest,
                         ::testing::Values(NamedFault{"early_ack", {.early_ack = true}},
                                           NamedFault{"no_fence", {.no_fence = true}},
                                           NamedFault{"no_credit", {.no_credit = true}},
                                           NamedFault{"no_dedup", {.no_dedup = true}},
                                           NamedFault{"early_done", {.early_done = true}},
                                           NamedFault{"miscounted_drop", {.miscounted_drop = true}}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace skep::simulation
