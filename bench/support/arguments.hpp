#pragma once
// The arguments of a bench program: `--name value` pairs, each with a default.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

namespace bench {

class Arguments {
 public:
  Arguments(int count, char** values) {
    for (int i = 1; i + 1 < count; i += 2) values_[values[i]] = values[i + 1];
    if (count % 2 == 0) fail("an argument has no value: " + std::string(values[count - 1]));
  }

  [[nodiscard]] std::string text(const std::string& name, const std::string& fallback) {
    const auto found = values_.find(name);
    return found == values_.end() ? fallback : found->second;
  }

  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t fallback) {
    const auto found = values_.find(name);
    return found == values_.end() ? fallback : std::strtoull(found->second.c_str(), nullptr, 10);
  }

  [[noreturn]] static void fail(const std::string& reason) {
    std::cerr << reason << '\n';
    std::exit(2);
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
