#pragma once
// Options of bees and gateways: untyped values with their place in a file, read once into a plain struct.
//
// A class names its options with `OptionSet<Options>`; files are checked against that, all mistakes at once.
// Threads: none of its own.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "skep/serialization/nearest.hpp"

namespace skep {

/// Where something stands in a file; from 1. Line 0: nowhere (set in code).
struct SourcePosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

/// A value as a file has it. Durations and sizes are strings with a unit here ("2ms", "4MiB").
struct OptionValue {
  using Array = std::vector<OptionValue>;
  struct Member;
  using Table = std::vector<Member>;  ///< in file order, keys unique

  /// std::monostate: nothing, or, at a place in a file, what could not be read and was reported.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table> value;
  SourcePosition position;
  /// Of a class's whole options: the folder of the file they stand in, which a FilePath is relative to. Empty: the
  /// process's working directory.
  std::string directory{};

  [[nodiscard]] const OptionValue* find(std::string_view key) const noexcept;  ///< null unless a table that has it
};

struct OptionValue::Member {
  std::string key;
  SourcePosition key_position;
  OptionValue value;
};

struct OptionProblem {
  SourcePosition position;
  std::string message;     ///< empty: the reader of the file has said it already
  std::string suggestion;  ///< "did you mean 'scale'?"; may be empty
};

/// A number of bytes, written "64KiB", "4MiB", "1GiB", "512B" or a plain integer.
struct ByteSize {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

/// A path, written relative to the file that names it; made usable from the working directory when it is read.
struct FilePath {
  std::string path;
  friend auto operator<=>(const FilePath&, const FilePath&) = default;
};

[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;  ///< "2ms"
[[nodiscard]] std::optional<ByteSize> parse_byte_size(std::string_view text) noexcept;
[[nodiscard]] std::string to_string(std::chrono::nanoseconds duration);  ///< "2ms", "1.5s"
[[nodiscard]] std::string to_string(ByteSize size);                      ///< "4MiB"

/// What a value must be. C++ wants designators in this order: `{.required = true, .min = 1, .max = 9}`. What the option
/// is for comes before its rules:
///
///   .option("scale", &Options::scale, "the largest value of a pixel", {.min = 1, .max = 65535})
struct OptionRules {
  bool required = false;
  std::optional<double> min{};  ///< numbers; durations in seconds; sizes in bytes
  std::optional<double> max{};
  std::vector<std::string> one_of{};  ///< strings
};

/// One option as lint, `skep bees` and the docs see it.
struct OptionDescription {
  std::string name{};
  std::string type{};  ///< "bool", "integer", "number", "string", "duration", "size", "path", "list of ...", "value"
  std::string default_value{};  ///< as a file would write it; empty where required
  OptionRules rules{};
  std::string doc{};  ///< what it is for, in a line; may be empty
};

/// What its rules allow, in words: "1 to 9", "1ms to 24h", "at least 1B", "one of: "a", "b""; empty without rules.
[[nodiscard]] std::string rules_text(const OptionDescription& option);

namespace detail {
// One overload per type an option may have: reads it, or says what is wrong.
std::optional<std::string> read(const OptionValue& from, bool& to);
std::optional<std::string> read(const OptionValue& from, std::int64_t& to);
std::optional<std::string> read(const OptionValue& from, double& to);
std::optional<std::string> read(const OptionValue& from, std::string& to);
std::optional<std::string> read(const OptionValue& from, std::chrono::nanoseconds& to);
std::optional<std::string> read(const OptionValue& from, ByteSize& to);
std::optional<std::string> read(const OptionValue& from, OptionValue& to);  // a table the class reads itself
std::string type_name(const bool&), type_name(const std::int64_t&), type_name(const double&),
    type_name(const std::string&), type_name(const std::chrono::nanoseconds&), type_name(const ByteSize&),
    type_name(const OptionValue&);
std::string show(const bool&), show(const std::int64_t&), show(const double&), show(const std::string&),
    show(const std::chrono::nanoseconds&), show(const ByteSize&), show(const OptionValue&);
// A value with an order: its size for OptionRules, and a size as people write values of its type.
double magnitude(const std::int64_t&), magnitude(const double&), magnitude(const std::chrono::nanoseconds&),
    magnitude(const ByteSize&);
std::string show_magnitude(const std::int64_t&, double), show_magnitude(const double&, double),
    show_magnitude(const std::chrono::nanoseconds&, double), show_magnitude(const ByteSize&, double);
std::optional<std::string> check_one_of(const std::string& text, const OptionRules& rules);

/// What `rules` has against a value.
template <class T>
std::optional<std::string> check(const T& value, const OptionRules& rules) {
  if constexpr (requires { magnitude(value); }) {
    const auto size = magnitude(value);
    const auto shown = [&](double limit) { return show_magnitude(value, limit); };
    if (rules.min && size < *rules.min) return shown(size) + " is below the minimum " + shown(*rules.min);
    if (rules.max && size > *rules.max) return shown(size) + " is above the maximum " + shown(*rules.max);
  }
  if constexpr (std::is_same_v<T, std::string>) return check_one_of(value, rules);
  return std::nullopt;
}
template <class T>
std::optional<std::string> check(const std::vector<T>& values, const OptionRules& rules) {
  for (const T& value : values) {
    if (auto problem = check(value, rules)) return problem;
  }
  return std::nullopt;
}

/// "expected a list, got a string"; empty where `got` is one that the file's reader has reported (std::monostate).
std::string expected(std::string_view what, const OptionValue& got);

inline std::optional<std::string> read(const OptionValue& from, FilePath& to) {
  return read(from, to.path);
}
inline std::string type_name(const FilePath&) {
  return "path";
}
inline std::string show(const FilePath& path) {
  return show(path.path);
}
/// Makes a relative path start at `directory`.
inline void resolve(FilePath& path, const std::string& directory) {
  const bool relative = !path.path.empty() && path.path.front() != '/';
  if (relative && !directory.empty()) path.path = directory + "/" + path.path;
}

template <class T>
struct OptionType
    : std::disjunction<std::is_same<T, bool>, std::is_same<T, std::int64_t>, std::is_same<T, double>,
                       std::is_same<T, std::string>, std::is_same<T, std::chrono::nanoseconds>,
                       std::is_same<T, ByteSize>, std::is_same<T, FilePath>, std::is_same<T, OptionValue>> {};
template <class T>
struct OptionType<std::vector<T>> : std::bool_constant<OptionType<T>::value && !std::is_same_v<T, FilePath>> {};

template <class T>
std::optional<std::string> read(const OptionValue& from, std::vector<T>& to) {
  const auto* array = std::get_if<OptionValue::Array>(&from.value);
  if (array == nullptr) return expected("a list", from);
  to.clear();
  for (const auto& element : *array) {
    T value{};
    if (auto problem = read(element, value)) return problem;
    to.push_back(std::move(value));
  }
  return std::nullopt;
}
template <class T>
std::string type_name(const std::vector<T>&) {
  return "list of " + type_name(T{});
}
template <class T>
std::string show(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + show(value);
  return text + "]";
}
}  // namespace detail

/// Reads a table into a plain struct, whose initialisers are the defaults.
///
/// Members may be bool, std::int64_t, double, std::string, std::chrono::nanoseconds, ByteSize, FilePath, a std::vector
/// of these but FilePath, or OptionValue (taken as it is); they may be a base's.
template <class Options>
class OptionSet {
 public:
  template <class Member, class Owner>
  requires std::derived_from<Options, Owner> OptionSet& add(std::string name, Member Owner::*member,
                                                            OptionRules rules = {}) {
    return add(std::move(name), member, std::string(), std::move(rules));
  }
  /// `doc`: see OptionDescription.
  template <class Member, class Owner, std::convertible_to<std::string> Doc>
  requires std::derived_from<Options, Owner> OptionSet& add(std::string name, Member Owner::*member, Doc doc,
                                                            OptionRules rules = {}) {
    static_assert(detail::OptionType<Member>::value,
                  "an option is a bool, std::int64_t, double, std::string, std::chrono::nanoseconds, skep::ByteSize, "
                  "skep::FilePath, skep::OptionValue, or a std::vector of one of these but a path");
    if constexpr (detail::OptionType<Member>::value) add_checked(std::move(name), member, std::move(doc), rules);
    return *this;
  }

  /// Fills `to` from `table` (a table, or nothing); returns every problem found. `where` is the position of the whole.
  [[nodiscard]] std::vector<OptionProblem> read(const OptionValue& table, SourcePosition where, Options& to) const;
  [[nodiscard]] const std::vector<OptionDescription>& descriptions() const noexcept { return descriptions_; }

 private:
  using Reader = std::function<std::optional<std::string>(const OptionValue&, const std::string& directory, Options&)>;

  template <class Member, class Owner>
  void add_checked(std::string name, Member Owner::*member, std::string doc, OptionRules rules) {
    const Options defaults{};
    descriptions_.push_back({std::move(name), detail::type_name(defaults.*member),
                             rules.required ? std::string{} : detail::show(defaults.*member), rules, std::move(doc)});
    readers_.push_back(
        [member, rules = std::move(rules)](const OptionValue& from, const std::string& directory, Options& to) {
          auto problem = detail::read(from, to.*member);
          if constexpr (requires { detail::resolve(to.*member, directory); }) detail::resolve(to.*member, directory);
          return problem ? problem : detail::check(to.*member, rules);
        });
  }

  std::vector<OptionDescription> descriptions_;
  std::vector<Reader> readers_;  ///< by index of descriptions_
};

/// The part of OptionSet::read that needs no types: calls `read(index, value)` for each known key, and reports unknown
/// keys (with the nearest known one) and missing required ones.
[[nodiscard]] std::vector<OptionProblem> read_options(
    const OptionValue& table, SourcePosition where, const std::vector<OptionDescription>& descriptions,
    const std::function<std::optional<std::string>(std::size_t, const OptionValue&)>& read);

template <class Options>
std::vector<OptionProblem> OptionSet<Options>::read(const OptionValue& table, SourcePosition where, Options& to) const {
  return read_options(table, where, descriptions_, [&](std::size_t index, const OptionValue& value) {
    return readers_[index](value, table.directory, to);
  });
}

}  // namespace skep
