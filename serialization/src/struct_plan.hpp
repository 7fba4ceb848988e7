#pragma once
// The structs and enums of a set of payload types as conversions need them: fields by name, each with what it holds,
// found once.

#include <capnp/schema-loader.h>
#include <capnp/schema.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/payload_types.hpp"

namespace skep {

struct StructPlan;

struct EnumPlan {
  std::vector<capnp::EnumSchema::Enumerant> enumerants{};
  std::vector<std::string> names{};  ///< by value
  std::map<std::string_view, std::uint16_t> values{};
};

/// What a field, or an element of a list, holds.
struct ValuePlan {
  capnp::schema::Type::Which which = capnp::schema::Type::VOID;
  const StructPlan* structure = nullptr;  ///< of a struct or a group
  const EnumPlan* enumeration = nullptr;
  std::unique_ptr<ValuePlan> element{};  ///< of a list
};

/// Whether a value of that kind is behind a pointer, which may not be set.
[[nodiscard]] bool is_pointer(capnp::schema::Type::Which which);

struct FieldPlan {
  capnp::StructSchema::Field field{};
  std::string name{};
  std::string key{};  ///< as it begins in JSON: "\"name\":"
  ValuePlan value{};
  bool is_group = false;
  bool in_union = false;

  /// Its value is behind a pointer. That of a group is not, although it is a struct.
  [[nodiscard]] bool may_be_unset() const { return !is_group && is_pointer(value.which); }
};

struct StructPlan {
  capnp::StructSchema schema{};
  std::string name{};
  std::uint32_t words = 0;  ///< data and pointers
  std::vector<FieldPlan> fields{};
  std::map<std::string_view, std::uint32_t> by_name{};

  [[nodiscard]] std::vector<std::string> names() const;
};

struct PayloadTypes::State {
  capnp::SchemaLoader loader{};
  std::map<std::uint64_t, StructPlan> structs{};
  std::map<std::uint64_t, EnumPlan> enums{};
  std::map<std::uint64_t, std::string> names{};

  [[nodiscard]] const StructPlan* find(std::uint64_t type) const;
};

/// Fills `state` from a table. Throws kj::Exception for schemas that do not go together.
void make_plans(const SchemaTable& table, PayloadTypes::State& state);

}  // namespace skep
