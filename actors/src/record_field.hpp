#pragma once
// What stands at one path of a record, as the ready-made bees look at it: in JSON, or in a typed record by its schema.
//
// Of a typed record that field alone is read, as what its JSON would say: what is wrong elsewhere in it does not
// matter.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "skep/actors/bee.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/payload_types.hpp"

namespace skep {

/// Its values are those that JsonDocument gives of a document.
class RecordField {
 public:
  struct InDocument {
    JsonDocument document;
    std::string path;
  };
  explicit RecordField(InDocument found) : value_(std::move(found)) {}
  /// Nothing: it is not there.
  explicit RecordField(FieldValue value) : value_(std::move(value)) {}

  [[nodiscard]] bool exists() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<std::string_view> string() const;  ///< valid while this lives
  [[nodiscard]] std::optional<std::string> text() const;

 private:
  std::variant<FieldValue, InDocument> value_;
};

/// For one path. Remembers where it leads in the last record's type.
class FieldReader {
 public:
  explicit FieldReader(std::string path) : path_(std::move(path)) {}

  /// Throws BadRecord.
  [[nodiscard]] RecordField read(const Record& record, const BeeContext& context) const;

 private:
  /// Where the path leads in records of one type: to a field, and from there on in its JSON.
  struct Place {
    std::uint64_t type = 0;
    std::optional<FieldPath> field;  ///< nothing: records of that type do not have it
    std::string rest;                ///< "$", or "$[2].name" in a list
  };

  const Place& place_in(std::uint64_t type, const PayloadTypes& types) const;
  [[nodiscard]] RecordField read_typed(const Record& record, const PayloadTypes& types) const;

  std::string path_;
  mutable std::optional<Place> place_;
};

/// The payload types of the swarm. Throws BadRecord.
[[nodiscard]] const PayloadTypes& types_of_swarm(const BeeContext& context);

/// What is in `result`. Throws BadRecord.
template <class T>
T value_or_bad(Result<T> result) {
  if (!result) throw BadRecord(result.error().message);
  return std::move(*result);
}

}  // namespace skep
