#include "skep/actors/described_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace skep {
namespace {

using Problem = std::optional<std::string>;
using Check = std::function<Problem(const OptionValue&, const OptionRules&)>;

template <class T>
Problem check_as(const OptionValue& value, const OptionRules& rules) {
  T read{};
  auto problem = detail::read(value, read);
  return problem ? problem : detail::check(read, rules);
}

template <class T>
std::pair<std::string, Check> known() {
  return {detail::type_name(T{}), &check_as<T>};
}

Check list_of(Check element) {
  return [element = std::move(element)](const OptionValue& value, const OptionRules& rules) -> Problem {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) return detail::expected("a list", value);
    for (const auto& each : *list) {
      if (auto problem = element(each, rules)) return problem;
    }
    return std::nullopt;
  };
}

/// By OptionDescription::type; empty where the type is not known.
Check check_of(std::string_view type) {
  constexpr std::string_view list = "list of ";
  constexpr std::size_t size_max = 64;  // several lists deep: each is a call here
  if (type.size() > size_max) return {};
  if (type.starts_with(list)) {
    auto element = check_of(type.substr(list.size()));
    return element ? list_of(std::move(element)) : Check();
  }
  static const std::array types{known<bool>(),        known<std::int64_t>(), known<double>(),
                                known<std::string>(), known<ByteSize>(),     known<std::chrono::nanoseconds>(),
                                known<FilePath>(),    known<OptionValue>()};
  const auto found = std::ranges::find(types, type, &std::pair<std::string, Check>::first);
  return found == types.end() ? Check() : found->second;
}

}  // namespace

Result<DescribedOptions> DescribedOptions::of(const std::string& class_name,
                                              std::vector<OptionDescription> descriptions) {
  std::vector<Check> checks;
  for (const auto& option : descriptions) {
    checks.push_back(check_of(option.type));
    if (checks.back()) continue;
    return Error{errc::incompatible, "class '" + class_name + "': its option '" + option.name + "' is of type '" +
                                         option.type + "', which is not known here"};
  }
  return DescribedOptions(std::move(descriptions), std::move(checks));
}

std::vector<OptionProblem> DescribedOptions::check(const OptionValue& table, SourcePosition where) const {
  return read_options(table, where, descriptions_, [this](std::size_t index, const OptionValue& value) {
    return checks_[index](value, descriptions_[index].rules);
  });
}

}  // namespace skep
