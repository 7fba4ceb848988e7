#include "skep/actors/dead_letters.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>
#include <thread>

namespace skep {
namespace dead_letters_test {

using namespace std::chrono_literals;

const EventTime noon = EventTime{} + 12h;

DeadLetter letter(std::uint64_t number, std::string bee = "bee", std::size_t payload_bytes = 10) {
  RecordHeader header;
  header.id = {1, number};
  DeadLetter letter;
  letter.record = Record(header, Payload::raw(std::string(payload_bytes, 'x')));
  letter.bee = std::move(bee);
  letter.reason = "number " + std::to_string(number);
  letter.at = noon + std::chrono::seconds(number);
  return letter;
}

std::vector<std::uint64_t> numbers(const DeadLetters::Page& page) {
  std::vector<std::uint64_t> all;
  for (const auto& each : page.letters) all.push_back(each.record.id().low);
  return all;
}

using Numbers = std::vector<std::uint64_t>;

TEST(DeadLettersTest, KeepsWhatDiedWithItsReason) {
  DeadLetters letters;
  auto given = letter(7, "classify");
  given.replica = 3;
  given.code = errc::bad_record;
  const auto id = letters.add(given);
  const auto page = letters.list({});
  ASSERT_EQ(page.letters.size(), 1u);
  const auto& kept = page.letters[0];
  EXPECT_EQ(kept.id, id);
  EXPECT_EQ(kept.record.id().low, 7u);
  EXPECT_EQ(kept.bee, "classify");
  EXPECT_EQ(kept.replica, 3u);
  EXPECT_EQ(kept.code, errc::bad_record);
  EXPECT_EQ(kept.reason, "number 7");
  EXPECT_EQ(kept.at, noon + 7s);
  EXPECT_EQ(kept.attempts, 1u);
  EXPECT_EQ(page.next, std::nullopt);
}

TEST(DeadLettersTest, ALetterThatIsPutBackIsAsIfItWasNeverTaken) {
  DeadLetters letters({.records_max = 2});
  const auto first = letters.add(letter(1));
  letters.add(letter(2));
  letters.put_back(*letters.take(first));
  EXPECT_EQ(numbers(letters.list({})), (Numbers{1, 2}));
  EXPECT_EQ(letters.counts().taken, 0u);
  EXPECT_EQ(letters.counts().bytes, 2 * bytes_of(letter(1)));
  EXPECT_EQ(letters.take(letters.add(letter(1)))->attempts, 1u) << "it was not tried";
}

TEST(DeadLettersTest, ALetterThatIsPutBackGivesWayToNewerOnes) {
  DeadLetters letters({.records_max = 1});
  auto old = *letters.take(letters.add(letter(1)));
  letters.add(letter(2));
  letters.put_back(std::move(old));
  EXPECT_EQ(numbers(letters.list({})), Numbers{2});
  EXPECT_EQ(letters.counts().evicted, 1u);
}

TEST(DeadLettersTest, TheOldestGoWhenThereAreTooMany) {
  DeadLetters letters({.records_max = 3});
  for (std::uint64_t number = 1; number <= 5; ++number) letters.add(letter(number));
  EXPECT_EQ(numbers(letters.list({})), (Numbers{3, 4, 5}));
  EXPECT_EQ(letters.counts().added, 5u);
  EXPECT_EQ(letters.counts().evicted, 2u);
  EXPECT_EQ(letters.counts().records, 3u);
}

TEST(DeadLettersTest, TheOldestGoWhenTheyAreTooLarge) {
  const auto one = bytes_of(letter(1, "bee", 100'000));
  DeadLetters letters({.records_max = 100, .bytes_max = 2 * one + one / 2});
  for (std::uint64_t number = 1; number <= 3; ++number) letters.add(letter(number, "bee", 100'000));
  EXPECT_EQ(numbers(letters.list({})), (Numbers{2, 3}));
  EXPECT_EQ(letters.counts().bytes, 2 * one);
  EXPECT_GE(one, 100'000u);
}

TEST(DeadLettersTest, OneThatAloneIsTooLargeCostsNoOther) {
  DeadLetters letters({.records_max = 100, .bytes_max = 10'000});
  letters.add(letter(1));
  letters.add(letter(2, "bee", 20'000));
  EXPECT_EQ(numbers(letters.list({})), (Numbers{1}));
  EXPECT_EQ(letters.counts().evicted, 1u);
}

TEST(DeadLettersTest, LongReasonsAreCut) {
  DeadLetters letters;
  auto given = letter(1);
  given.reason.assign(10 * limits::message_bytes_max, 'x');
  letters.add(given);
  EXPECT_EQ(letters.list({}).letters[0].reason.size(), limits::message_bytes_max);
}

TEST(DeadLettersTest, AListIsFiltered) {
  DeadLetters letters;
  for (std::uint64_t number = 1; number <= 6; ++number) {
    auto given = letter(number, number % 2 == 0 ? "even" : "odd");
    if (number > 4) given.code = errc::bad_record;
    letters.add(given);
  }
  EXPECT_EQ(numbers(letters.list({.bee = "even"})), (Numbers{2, 4, 6}));
  EXPECT_EQ(numbers(letters.list({.code = errc::bad_record})), (Numbers{5, 6}));
  EXPECT_EQ(numbers(letters.list({.reason_part = "number 3"})), (Numbers{3}));
  EXPECT_EQ(numbers(letters.list({.since = noon + 3s, .until = noon + 5s})), (Numbers{3, 4}));
  EXPECT_EQ(numbers(letters.list({.bee = "even", .code = errc::bad_record})), (Numbers{6}));
  EXPECT_TRUE(letters.list({.bee = "nobody"}).letters.empty());
}

TEST(DeadLettersTest, AListComesInPages) {
  DeadLetters letters;
  for (std::uint64_t number = 1; number <= 5; ++number) letters.add(letter(number));
  const auto first = letters.list({}, std::nullopt, 2);
  EXPECT_EQ(numbers(first), (Numbers{1, 2}));
  const auto second = letters.list({}, first.next, 2);
  EXPECT_EQ(numbers(second), (Numbers{3, 4}));
  const auto last = letters.list({}, second.next, 2);
  EXPECT_EQ(numbers(last), (Numbers{5}));
  EXPECT_EQ(last.next, std::nullopt);
}

TEST(DeadLettersTest, OneListingLooksAtOnlySoManyAndGoesOnThere) {
  DeadLetters letters({.records_max = 2 * limits::dead_letter_scan_max});
  for (std::uint64_t number = 0; number < limits::dead_letter_scan_max + 1; ++number) letters.add(letter(number, "a"));
  letters.add(letter(99'999, "b"));
  const auto first = letters.list({.bee = "b"});
  EXPECT_TRUE(first.letters.empty());
  ASSERT_TRUE(first.next.has_value());
  EXPECT_EQ(numbers(letters.list({.bee = "b"}, first.next)), (Numbers{99'999}));
}

TEST(DeadLettersTest, APageHasALimit) {
  DeadLetters letters;
  for (std::uint64_t number = 0; number < 2 * limits::dead_letter_page_max; ++number) letters.add(letter(number));
  EXPECT_EQ(letters.list({}, std::nullopt, 1'000'000).letters.size(), limits::dead_letter_page_max);
}

TEST(DeadLettersTest, ATakenLetterIsGone) {
  DeadLetters letters;
  const auto id = letters.add(letter(1));
  const auto taken = letters.take(id);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->record.id().low, 1u);
  EXPECT_FALSE(letters.take(id).has_value());
  EXPECT_EQ(letters.counts().records, 0u);
  EXPECT_EQ(letters.counts().bytes, 0u);
  EXPECT_EQ(letters.counts().taken, 1u);
}

TEST(DeadLettersTest, ARecordThatDiesAgainInTheSameBeeCountsItsAttempts) {
  DeadLetters letters;
  const auto first = letters.take(letters.add(letter(1)));
  ASSERT_EQ(first->attempts, 1u);
  const auto second = letters.take(letters.add(letter(1)));
  EXPECT_EQ(second->attempts, 2u);
  EXPECT_EQ(letters.take(letters.add(letter(1)))->attempts, 3u);
  EXPECT_EQ(letters.take(letters.add(letter(1, "another")))->attempts, 1u);
}

TEST(DeadLettersTest, WhatWasTakenLongAgoIsForgotten) {
  DeadLetters letters({.records_max = 2});
  for (std::uint64_t number = 1; number <= 3; ++number) ASSERT_TRUE(letters.take(letters.add(letter(number))));
  EXPECT_EQ(letters.take(letters.add(letter(1)))->attempts, 1u);
  EXPECT_EQ(letters.take(letters.add(letter(3)))->attempts, 2u);
}

TEST(DeadLettersTest, BeesOfManyThreadsPutInAtOnce) {
  DeadLetters letters({.records_max = 100});
  std::vector<std::thread> bees;
  for (int thread = 0; thread < 4; ++thread) {
    bees.emplace_back([&letters] {
      for (std::uint64_t number = 0; number < 1000; ++number) {
        const auto id = letters.add(letter(number));
        if (number % 10 == 0) static_cast<void>(letters.take(id));
        if (number % 100 == 0) static_cast<void>(letters.list({.bee = "bee"}));
      }
    });
  }
  for (auto& bee : bees) bee.join();
  const auto counts = letters.counts();
  EXPECT_EQ(counts.added, 4000u);
  EXPECT_EQ(counts.added, counts.evicted + counts.taken + counts.records);
}

TEST(DeadLettersPropertyTest, AgreesWithAPlainQueueAndNeverExceedsItsLimits) {
  EXPECT_TRUE(rc::check([] {
    const DeadLetterSettings settings{.records_max = *rc::gen::inRange<std::size_t>(1, 8),
                                      .bytes_max = *rc::gen::inRange<std::size_t>(2000, 8000)};
    DeadLetters letters(settings);
    std::deque<std::pair<DeadLetterId, std::size_t>> model;
    const auto total = [&] {
      std::size_t sum = 0;
      for (const auto& [id, bytes] : model) sum += bytes;
      return sum;
    };
    for (std::uint64_t number = 1; number <= 60; ++number) {
      if (*rc::gen::inRange(0, 3) != 0 || model.empty()) {
        const auto given = letter(number, "bee", *rc::gen::inRange<std::size_t>(0, 3000));
        const auto id = letters.add(given);
        if (bytes_of(given) > settings.bytes_max) continue;
        model.emplace_back(id, bytes_of(given));
        while (model.size() > settings.records_max || total() > settings.bytes_max) model.pop_front();
      } else {
        const auto at = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, model.size()));
        RC_ASSERT(letters.take(model[static_cast<std::size_t>(at)].first).has_value());
        model.erase(model.begin() + at);
      }
      const auto counts = letters.counts();
      RC_ASSERT(counts.records == model.size());
      RC_ASSERT(counts.bytes == total());
      const auto page = letters.list({});
      RC_ASSERT(page.letters.size() == model.size());
      for (std::size_t i = 0; i < model.size(); ++i) RC_ASSERT(page.letters[i].id == model[i].first);
    }
  }));
}

TEST(DeadLettersPropertyTest, PagesTogetherShowEveryMatchOnce) {
  EXPECT_TRUE(rc::check([] {
    DeadLetters letters;
    Numbers expected;
    const auto count = *rc::gen::inRange<std::uint64_t>(0, 50);
    for (std::uint64_t number = 0; number < count; ++number) {
      const bool wanted = *rc::gen::arbitrary<bool>();
      letters.add(letter(number, wanted ? "wanted" : "other"));
      if (wanted) expected.push_back(number);
    }
    Numbers seen;
    std::optional<DeadLetterId> after;
    do {
      const auto page = letters.list({.bee = "wanted"}, after, *rc::gen::inRange<std::size_t>(1, 7));
      for (const auto number : numbers(page)) seen.push_back(number);
      after = page.next;
    } while (after);
    RC_ASSERT(seen == expected);
  }));
}

}  // namespace dead_letters_test
}  // namespace skep
