#pragma once
// The payload types of one swarm, made ready: JSON to records and back by their schemas, checks, fields by path.
//
// JSON for a struct is an object with the names of its fields. What is left out has its default. An enum is its name, a
// Data base64, a Void null, a group an object; of a union's members one may stand there. Integers are exact; those of
// 64 bits may also come as strings of digits. Back to JSON every field is written but pointers that are not set, and of
// a union the member that is set. docs/WRITING_BEES.md has the table.
// Lifetime: shared by whoever reads with it. Threads: immutable; any.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "skep/serialization/payload.hpp"
#include "skep/serialization/record.hpp"
#include "skep/serialization/result.hpp"
#include "skep/serialization/schema_table.hpp"

namespace skep {

/// A field of a type, found by `PayloadTypes::field`.
struct FieldPath {
  enum class Kind : std::uint8_t { boolean, integer, number, text, enumeration, other };
  std::uint64_t type = 0;
  std::vector<std::uint32_t> steps{};  ///< field by field
  Kind kind = Kind::other;
};

/// Nothing: of a union, another member is set, or a struct on the way is not there.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;

class PayloadTypes {
 public:
  /// Errors: `errc::incompatible`, for schemas that do not go together.
  [[nodiscard]] static Result<std::shared_ptr<const PayloadTypes>> of(const SchemaTable& table);
  ~PayloadTypes();
  PayloadTypes(const PayloadTypes&) = delete;
  PayloadTypes& operator=(const PayloadTypes&) = delete;

  /// "Reading"; with its file where two have that name; "a type that is not known here" where it is none of these.
  [[nodiscard]] std::string name(std::uint64_t type) const;

  /// Precondition (asserted) of `from_json`, `check` and `read`: `type` is one of these.
  ///
  /// Errors: `errc::bad_record` with the path of the value that is wrong and what was expected there, or the byte where
  /// it is no JSON; `errc::too_large` past limits::payload_bytes_max. Blocking: never.
  [[nodiscard]] Result<Payload> from_json(std::uint64_t type, std::string_view json) const;
  /// Whether every part of a message can be read, and its texts are UTF-8. Errors: `errc::bad_record`.
  [[nodiscard]] Result<void> check(std::uint64_t type, const Record& record) const;
  /// Errors: `errc::bad_record` for a type that is not known here; `errc::not_found` for a field that it does not have;
  /// `errc::invalid_argument` for a path into a list.
  [[nodiscard]] Result<FieldPath> field(std::uint64_t type, std::string_view path) const;

  /// A record of the content `capnp`. Errors: `errc::bad_record` for a type that is not known here, a malformed
  /// message, and NaN and infinities; `errc::too_large` for more text than limits::payload_bytes_max.
  [[nodiscard]] Result<std::string> to_json(const Record& record) const;
  /// The same of one field, and of no other; nothing where that JSON has no such field.
  [[nodiscard]] Result<std::optional<std::string>> to_json(const Record& record, const FieldPath& path) const;
  /// Whether the record has the field as its own: not a pointer that is not set, where `read` gives a default and its
  /// JSON something else (`to_json`). Errors: `errc::bad_record` for a malformed message.
  [[nodiscard]] Result<bool> is_set(const Record& record, const FieldPath& path) const;
  /// A Float32 is the number that its JSON has. Errors: `errc::bad_record` for a malformed message.
  [[nodiscard]] Result<FieldValue> read(const Record& record, const FieldPath& path) const;

  struct State;

 private:
  explicit PayloadTypes(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace skep
