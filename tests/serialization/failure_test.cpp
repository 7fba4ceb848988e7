#include "skep/serialization/failure.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "skep/schema/record.capnp.h"
#include "skep/serialization/json.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/record.hpp"

namespace skep {
namespace failure_test {

using namespace std::string_view_literals;

Record sample() {
  RecordHeader header;
  header.id = {3, 4};
  header.origin.request = 9;
  return Record(header, Payload::raw("payload"));
}

TEST(FailureTest, ReadsBackWhatWasMade) {
  for (const auto code : {errc::bad_record, errc::too_large, errc::overloaded, errc::deadline_exceeded,
                          errc::bee_failed, errc::rejected, errc::dropped, errc::unavailable}) {
    const auto record = sample().failure(code, "no such bee");
    EXPECT_EQ(record.content().kind, ContentKind::error);
    EXPECT_EQ(record.id(), (RecordId{3, 4}));
    EXPECT_EQ(record.origin().request, 9u);
    const auto failure = record.as_failure();
    EXPECT_EQ(failure.code, code);
    EXPECT_EQ(failure.message, "no such bee");
    EXPECT_FALSE(failure.retry_safe);
  }
}

TEST(FailureTest, ACodeForCallersIsABeesFailureToClients) {
  EXPECT_EQ(sample().failure(errc::io, "disk").as_failure().code, errc::bee_failed);
}

TEST(FailureTest, OtherContentIsNoFailure) {
  EXPECT_THROW((void)sample().as_failure(), BadRecord);
}

TEST(FailureTest, RefusesBytesThatAreNoMessage) {
  for (const auto text : {""sv, "x"sv, "12345678"sv, "\0\0\0\0\1\0\0\0"sv}) {
    EXPECT_THROW(
        (void)sample().with(Payload::borrow(std::as_bytes(std::span(text)), {ContentKind::error, 0})).as_failure(),
        BadRecord);
  }
}

TEST(FailureTest, ACodeOfALaterVersionIsABeesFailure) {
  capnp::MallocMessageBuilder message;
  message.initRoot<wire::Error>().setCode(static_cast<wire::ErrorCode>(99));
  const auto record = sample().with(Payload::message(message, {ContentKind::error, 0}));
  EXPECT_EQ(record.as_failure().code, errc::bee_failed);
}

TEST(FailureTest, CutsLongMessagesToFailureMessageBytesMax) {
  const auto max = limits::failure_message_bytes_max;
  std::string text(max - 1, 'x');
  text += "\xC3\xA9 and more";  // é would straddle the limit
  EXPECT_EQ(sample().failure(errc::rejected, text).as_failure().message, text.substr(0, max - 1));
  EXPECT_EQ(sample().failure(errc::rejected, text.substr(0, max - 1) + "y").as_failure().message.size(), max);
  EXPECT_EQ((Failure{errc::rejected, text}).to_json(), (Failure{errc::rejected, text.substr(0, max - 1)}).to_json());
}

TEST(FailureTest, IsOneLineOfJson) {
  const Failure failure{errc::bad_record, "line\nend \"quoted\"", true};
  EXPECT_EQ(failure.to_json(),
            R"({"error": {"code": "bad_record", "message": "line\nend \"quoted\"", "retry": "safe"}})");
  EXPECT_EQ((Failure{errc::overloaded, "busy", false}).to_json(),
            R"({"error": {"code": "overloaded", "message": "busy", "retry": "unknown"}})");
}

TEST(FailureTest, IsJsonWhateverTheMessage) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text.push_back(static_cast<char>(byte));
  const auto json = Failure{errc::rejected, text}.to_json();
  EXPECT_TRUE(check_json(json).ok());
  EXPECT_EQ(json.find('\n'), json.npos);
}

}  // namespace failure_test
}  // namespace skep
