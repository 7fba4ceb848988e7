#pragma once
// Turns what a client sent into a record: ids, key, times, origin, and the check of its bytes. Pure.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/record.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

struct RecordMakerSettings {
  std::uint32_t node = 0;
  std::uint32_t gateway = 0;
  std::uint64_t incarnation = 0;
  std::uint32_t revision = 0;
  std::string key_path;         ///< "$.user", or empty: the session
  std::string event_time_path;  ///< "$.ts", or empty: the time of arrival
  std::chrono::nanoseconds event_time_unit{1'000'000};
  std::shared_ptr<const PayloadTypes> payload_types{};  ///< empty only where `input_type` is 0
  std::uint64_t input_type = 0;  ///< of the records that are made, of JSON or of Cap'n Proto; 0: bytes stay as they are
};

class RecordMaker {
 public:
  struct From {
    std::uint64_t session = 0;
    std::string_view session_key;
    std::uint64_t request = 0;  ///< 0: nobody waits
    Deadline deadline = no_deadline;
    EventTime arrived{};
  };

  explicit RecordMaker(RecordMakerSettings settings);

  /// Shares the bytes of `payload`, or copies them once where it only borrows them.
  /// Errors: `errc::bad_record` for bytes that are not of `payload`'s content, or lack the key or time they should
  /// have; `errc::too_large` for a key past limits::key_bytes_max; those of PayloadTypes::from_json and check.
  [[nodiscard]] Result<Record> make(const Payload& payload, const From& from);

 private:
  [[nodiscard]] Result<void> read_json(std::string_view text, RecordHeader& header);
  [[nodiscard]] Result<void> refuse_paths() const;
  [[nodiscard]] Result<void> set_key(std::string key, RecordHeader& header);
  [[nodiscard]] Result<Payload> typed(const Payload& payload) const;
  [[nodiscard]] Result<void> read_typed(const Record& record, RecordHeader& header);
  [[nodiscard]] Result<Record> make_typed(const Payload& payload, RecordHeader header);

  RecordMakerSettings settings_;
  std::optional<FieldPath> key_field_, event_time_field_;  ///< of the input type
  std::uint64_t count_ = 0;
  std::string key_;  ///< of the record being made
};

}  // namespace skep
