#pragma once
// Option values as a swarm file would give them, for tests.

#include <initializer_list>
#include <string>
#include <utility>

#include "skep/actors/option.hpp"

namespace skep::testing {

inline OptionValue option(const char* text) {
  return {std::string(text), {1, 1}};
}
inline OptionValue option(const std::string& text) {
  return {text, {1, 1}};
}
inline OptionValue option(bool truth) {
  return {truth, {1, 1}};
}
inline OptionValue option(int number) {
  return {std::int64_t{number}, {1, 1}};
}
inline OptionValue option(double number) {
  return {number, {1, 1}};
}
inline OptionValue option(OptionValue value) {
  return value;
}

template <class... Values>
OptionValue list(const Values&... values) {
  return {OptionValue::Array{option(values)...}, {1, 1}};
}

/// Members stand at lines 10, 11, ...
inline OptionValue table(std::initializer_list<std::pair<const char*, OptionValue>> members) {
  OptionValue::Table result;
  std::uint32_t line = 10;
  for (const auto& [key, value] : members) {
    result.push_back({key, {line, 1}, value});
    result.back().value.position = {line, 9};
    ++line;
  }
  return {std::move(result), {9, 1}};
}

/// `base` with one member set anew, or added.
inline OptionValue with(OptionValue base, const char* key, OptionValue value) {
  auto& members = std::get<OptionValue::Table>(base.value);
  for (auto& member : members) {
    if (member.key == key) return member.value = std::move(value), base;
  }
  members.push_back({key, {50, 1}, std::move(value)});
  return base;
}

}  // namespace skep::testing
