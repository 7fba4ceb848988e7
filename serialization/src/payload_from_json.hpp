#pragma once
// A JSON document into a Cap'n Proto message, by the plan of its struct.

#include <capnp/dynamic.h>
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "struct_plan.hpp"
#include "value_path.hpp"

namespace skep {

/// For one document. Throws Unconvertible.
class PayloadFromJson {
 public:
  void fill(capnp::DynamicStruct::Builder to, const StructPlan& plan, simdjson::dom::element from);
  /// Of the message, about; not more of it is ever allocated than limits::payload_bytes_max.
  [[nodiscard]] std::uint64_t words() const noexcept { return words_; }
  /// Elements without bytes, which a reader counts as words.
  [[nodiscard]] std::uint64_t empty_elements() const noexcept { return empty_elements_; }

 private:
  using Element = simdjson::dom::element;

  void fill(capnp::DynamicStruct::Builder to, const StructPlan& plan, Element from, const ValuePath& at,
            std::size_t depth);
  void fill(capnp::DynamicList::Builder to, const ValuePlan& plan, simdjson::dom::array from, const ValuePath& at,
            std::size_t depth);
  void set(capnp::DynamicStruct::Builder to, const FieldPlan& field, Element from, const ValuePath& at,
           std::size_t depth);
  const FieldPlan& find(const StructPlan& plan, std::string_view name, std::size_t& hint, const ValuePath& at) const;
  void mark_seen(std::size_t base, const StructPlan& plan, const FieldPlan& field, const ValuePath& at);
  [[nodiscard]] std::uint32_t count(simdjson::dom::array from, const ValuePlan& element, const ValuePath& at);
  [[nodiscard]] capnp::DynamicValue::Reader scalar(const ValuePlan& plan, Element from, const ValuePath& at);
  [[nodiscard]] capnp::DynamicValue::Reader data(Element from, const ValuePath& at);
  void take(std::uint64_t words, const ValuePath& at);

  std::uint64_t words_ = 0;
  std::uint64_t empty_elements_ = 0;
  std::vector<bool> seen_;  ///< fields of the structs that are open
  std::string bytes_;       ///< of the last Data
};

}  // namespace skep
