#include "substitution.hpp"

#include <algorithm>
#include <utility>

namespace skep {

namespace {

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c); });
}

class Substitution {
 public:
  Substitution(const Environment& environment, std::size_t bytes_max, ProblemList& problems)
      : environment_(environment), bytes_left_(bytes_max), problems_(problems) {}

  void apply(OptionValue& value) {
    if (auto* text = std::get_if<std::string>(&value.value)) {
      if (text->find("${") == std::string::npos) return;
      failed_ = false;
      auto expanded = expand(*text, value.position);
      if (failed_) {
        value.value = std::monostate{};
      } else {
        *text = std::move(expanded);
      }
    } else if (auto* array = std::get_if<OptionValue::Array>(&value.value)) {
      for (auto& element : *array) apply(element);
    } else if (auto* table = std::get_if<OptionValue::Table>(&value.value)) {
      for (auto& member : *table) apply(member.value);
    }
  }

 private:
  std::string expand(std::string_view text, SourcePosition position) {
    std::string result;
    while (!text.empty()) {
      const auto dollar = text.find("${");
      if (dollar == std::string_view::npos) return result.append(text);
      const bool escaped = dollar > 0 && text[dollar - 1] == '$';
      result.append(text.substr(0, escaped ? dollar - 1 : dollar));
      text.remove_prefix(dollar + 2);
      if (escaped) {
        result += "${";
        continue;
      }
      const auto close = text.find('}');
      if (close == std::string_view::npos) {
        fail(position, "'${' without '}'", "write '$${' for a plain '${'");
        return result;
      }
      result += value_of(text.substr(0, close), position);
      text.remove_prefix(close + 1);
    }
    return result;
  }

  /// `expression` is "NAME" or "NAME:-default".
  std::string value_of(std::string_view expression, SourcePosition position) {
    const auto colon = expression.find(":-");
    const std::string name(expression.substr(0, colon));
    if (!is_variable_name(name)) {
      fail(position, "'${" + std::string(expression) + "}' does not name a variable",
           "write '${NAME}' or '${NAME:-default}'");
      return {};
    }
    auto found = environment_ ? environment_(name) : std::nullopt;
    if (colon != std::string_view::npos && (!found || found->empty())) found = expression.substr(colon + 2);
    if (!found) {
      fail(position, "the environment variable '" + name + "' is not set",
           "set it, or write '${" + name + ":-default}'");
      return {};
    }
    return within_limit(std::move(*found), position);
  }

  std::string within_limit(std::string text, SourcePosition position) {
    if (text.size() <= bytes_left_) {
      bytes_left_ -= text.size();
      return text;
    }
    failed_ = true;
    if (!std::exchange(over_limit_, true)) {
      fail(position, "with its environment variables put in, the file is over the limit for such a file");
    }
    return {};
  }

  void fail(SourcePosition position, std::string message, std::string suggestion = {}) {
    failed_ = true;
    problems_.error(position, std::move(message), std::move(suggestion));
  }

  const Environment& environment_;
  std::size_t bytes_left_;
  bool over_limit_ = false;
  bool failed_ = false;  ///< something in the string at hand
  ProblemList& problems_;
};

}  // namespace

void substitute(OptionValue& value, const Environment& environment, std::size_t bytes_max, ProblemList& problems) {
  Substitution(environment, bytes_max, problems).apply(value);
}

}  // namespace skep
