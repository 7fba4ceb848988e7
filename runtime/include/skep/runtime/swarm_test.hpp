#pragma once
// The tests that stand in a swarm file, `[[test]]`, as plain values: records in, records out, on virtual time.
//
// A swarm that runs has nothing of them. Every gateway, bee and session they name has been found in the file that they
// stand in; `skep test` runs them. Lifetime, threads: values.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/errc.hpp"

namespace skep {

/// A record as a file writes it, sent or expected.
struct TestRecord {
  enum class Form : std::uint8_t {
    text,    ///< a string: the bytes themselves
    json,    ///< a table, list, number or bool of the file, written as JSON
    binary,  ///< `hex`
  };
  Form form = Form::text;
  std::string bytes{};
  SourcePosition position{};
};

/// Records of one client.
struct TestSend {
  std::string gateway{};
  std::string session{};  ///< empty: the one without a name
  std::vector<TestRecord> records{};
  bool together = false;  ///< what one read of a socket brings; else each when the one before has come to rest
  SourcePosition position{};
};

/// An error that a client is told.
struct TestError {
  errc code = errc::bad_record;
  std::string message_part{};
  SourcePosition position{};
};

/// How records that came are compared with those expected.
struct TestMatch {
  bool any_order = false;
  bool contains = false;  ///< objects may have further fields, texts may have more around them
  double tolerance = 0;   ///< between numbers
};

/// What is to come at one place.
struct TestExpect {
  enum class What : std::uint8_t { records, errors, nothing };
  What what = What::records;
  std::string gateway{};
  bool answers = true;  ///< those of `session`; else what went out at the gateway
  std::string session{};
  std::vector<TestRecord> records{};
  std::vector<TestError> errors{};
  TestMatch match{};
  std::chrono::nanoseconds within{};  ///< that is waited for it; of nothing: in which nothing comes
  SourcePosition position{};
};

struct TestDeadLetter {
  std::string bee{};
  std::optional<errc> code{};  ///< nothing: any
  std::string reason_part{};
  SourcePosition position{};
};

/// What is done, in the order of its members.
struct TestStep {
  std::vector<TestSend> sends{};
  std::chrono::nanoseconds advance{};
  bool drain = false;
  std::vector<TestExpect> expects{};
  std::vector<TestDeadLetter> dead_letters{};
  SourcePosition position{};
};

struct SwarmTest {
  std::string name{};
  SourcePosition position{};
  /// The time of day when the swarm starts, since 1970; nothing: 2026 begins.
  std::optional<std::chrono::milliseconds> starts_at{};
  std::chrono::nanoseconds within = limits::test_within;  ///< that a step waits for what is to come
  std::vector<TestStep> steps{};
};

}  // namespace skep
