#pragma once
// What tests tell the scripted bee behind a gateway, and ask it.

#include <caf/allowed_unsafe_message_type.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "skep/serialization/record.hpp"

namespace skep::testing {

/// What the bee does with records, changed by tests through messages.
enum class Script : std::uint8_t {
  echo,            ///< accepts and answers with the same bytes, at once
  keep_answers,    ///< accepts; answers follow when the script changes, last first
  accept_nothing,  ///< gives no credit until the script changes
};
struct Change {
  Script script;
};
/// Answers everything with what this makes of it.
struct AnswerWith {
  std::function<Record(const Record&)> make;
};
/// Answers say that their requests spent this in bees.
struct Spend {
  std::chrono::nanoseconds time;
};
/// Sends one batch to the gateway, as a bee sends to one that goes out.
struct SendOut {
  std::vector<std::string> lines;
  ContentKind kind = ContentKind::json;
};
/// Request: records accepted so far, their bytes.
struct ReadAccepted {};
/// Request: records of SendOut that the gateway has accepted so far.
struct ReadTaken {};
/// The same: that are done.
struct ReadDone {};
using Texts = std::vector<std::string>;

}  // namespace skep::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::AnswerWith)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Spend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::SendOut)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::ReadAccepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::ReadTaken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::ReadDone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Texts)
