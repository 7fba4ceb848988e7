#include "skep/actors/outbox.hpp"

#include <gtest/gtest.h>

#include <set>

#include "skep/actors/limits.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {
namespace outbox_test {

Record record(std::uint64_t id) {
  RecordHeader header;
  header.id = {1, id};
  header.origin.request = id;
  return Record(header, Payload::raw("x"));
}

std::vector<RecordId> ids(Outbox& out) {
  std::vector<RecordId> all;
  for (const auto& entry : out.entries()) all.push_back(entry.record.id());
  return all;
}

TEST(OutboxTest, TheFirstRecordOfACallKeepsItsIdAndFurtherOnesGetDerivedOnes) {
  Outbox out;
  out.begin_call();
  const auto original = record(7);
  for (int i = 0; i < 3; ++i) out.emit(original);
  const RecordId id{1, 7};
  EXPECT_EQ(ids(out), (std::vector<RecordId>{id, id.derived(1), id.derived(2)}));
}

TEST(OutboxTest, IdsAreToldApartByPortAndByCall) {
  Outbox out;
  out.begin_call();
  out.emit(record(7));
  out.emit(Port(1), record(7));
  out.emit(record(8));
  out.begin_call();
  out.emit(record(7));
  const RecordId seven{1, 7}, eight{1, 8};
  EXPECT_EQ(ids(out), (std::vector<RecordId>{seven, seven, eight, seven}));
}

TEST(OutboxTest, ARunAgainAfterARollbackGivesTheSameIds) {
  Outbox out;
  const auto run = [&] {
    out.begin_call();
    for (std::uint64_t i = 0; i < 100; ++i) out.emit(record(i % 7));
    return ids(out);
  };
  const auto first = run();
  out.rollback();
  EXPECT_TRUE(out.entries().empty());
  EXPECT_EQ(run(), first);
}

TEST(OutboxTest, IdsOfOneCallAreAllDifferent) {
  Outbox out;
  out.begin_call();
  for (std::uint64_t i = 0; i < 5000; ++i) out.emit(record(i % 50));
  const auto all = ids(out);
  EXPECT_EQ(std::set<RecordId>(all.begin(), all.end()).size(), 5000u);
}

TEST(OutboxTest, RollbackTakesBackOnlyTheCurrentCall) {
  Outbox out;
  out.begin_call();
  out.emit(record(1));
  out.begin_call();
  out.emit(record(2));
  out.reply(record(2));
  out.rollback();
  EXPECT_EQ(ids(out), (std::vector<RecordId>{{1, 1}}));
}

TEST(OutboxTest, FailDropAndLoseCarryTheErrorForTheClient) {
  Outbox out;
  out.begin_call();
  out.fail(record(1), "refused");
  out.drop(record(2), "unwanted");
  out.lose(record(3), errc::bad_record, "broken");
  ASSERT_EQ(out.entries().size(), 3u);
  const auto failure = [&](std::size_t index) { return out.entries()[index].record.as_failure(); };
  EXPECT_EQ(failure(0).code, errc::rejected);
  EXPECT_EQ(failure(0).message, "refused");
  EXPECT_EQ(failure(1).code, errc::dropped);
  EXPECT_EQ(failure(2).code, errc::bad_record);
  EXPECT_EQ(out.entries()[2].record.origin().request, 3u);
}

TEST(OutboxTest, AMessageIsCutAtItsLimitButNotInsideALetter) {
  Outbox out;
  out.begin_call();
  std::string text(limits::message_bytes_max - 1, 'x');
  out.fail(record(1), text + "\u00e9 and more");
  EXPECT_EQ(out.entries()[0].record.as_failure().message, text);
}

TEST(OutboxTest, RefusesAnEmptyRecordAndAPortPastTheLimit) {
  Outbox out;
  out.begin_call();
  EXPECT_THROW(out.emit(Record{}), std::invalid_argument);
  EXPECT_THROW(out.reply(Record{}), std::invalid_argument);
  EXPECT_THROW(out.emit(Port(limits::ports_max), record(1)), std::invalid_argument);
  EXPECT_TRUE(out.entries().empty());
}

TEST(OutboxTest, ARejectedRecordGoesOnBesideTheErrorForItsClient) {
  Outbox out;
  out.begin_call();
  out.reject(Port(3), record(7), "too small");
  ASSERT_EQ(out.size(), 2u);
  const auto entries = out.entries();
  const auto &error = entries[0], &sent = entries[1];
  EXPECT_EQ(error.kind, Outbox::Kind::reject);
  EXPECT_EQ(error.port, Port(3));
  EXPECT_EQ(error.record.as_failure().message, "too small");
  EXPECT_EQ(sent.kind, Outbox::Kind::emit);
  EXPECT_EQ(sent.port, Port(3));
  EXPECT_EQ(sent.record.id(), record(7).id());
}

TEST(OutboxTest, OneCallHasALimitOfOutputs) {
  Outbox out;
  for (int call = 0; call < 2; ++call) {
    out.begin_call();
    const auto same = record(1);
    for (std::uint32_t i = 0; i < limits::outputs_per_call_max; ++i) out.reply(same);
    EXPECT_THROW(out.emit(same), std::length_error);
  }
}

TEST(OutboxTest, HoldingIsForThoseWhoDeclareIt) {
  Outbox out;
  EXPECT_THROW(static_cast<void>(out.hold(record(1))), std::logic_error);
}

}  // namespace outbox_test
}  // namespace skep
