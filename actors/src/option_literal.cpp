#include "skep/actors/option_literal.hpp"

#include <algorithm>
#include <cmath>

namespace skep {
namespace {

bool same(double a, double b) {
  return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
}

bool same(const OptionValue::Array& a, const OptionValue::Array& b) {
  return std::ranges::equal(a, b, same_value);
}

/// In any order: a table's keys are unique.
bool same(const OptionValue::Table& a, const OptionValue::Table& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const OptionValue::Member& member) {
           const auto found = std::ranges::find(b, member.key, &OptionValue::Member::key);
           return found != b.end() && same_value(member.value, found->value);
         });
}

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

}  // namespace

OptionValue option_table(std::initializer_list<std::pair<std::string, OptionLiteral>> members) {
  OptionValue::Table table;
  for (const auto& [key, literal] : members) table.push_back({key, {}, literal.value()});
  return {std::move(table), {}};
}

bool same_value(const OptionValue& a, const OptionValue& b) {
  if (a.value.index() != b.value.index()) return false;
  return std::visit([&b](const auto& value) { return same(value, std::get<std::decay_t<decltype(value)>>(b.value)); },
                    a.value);
}

}  // namespace skep
