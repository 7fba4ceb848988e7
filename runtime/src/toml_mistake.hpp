#pragma once
// What is wrong with a text that is no TOML, for whoever wrote it: in words of this project, not in those of the
// parser, which speaks of its own states. Pure.

#include <string>
#include <string_view>

namespace skep {

struct TomlMistake {
  std::string message;
  std::string suggestion;  ///< may be empty
};

/// `description` is toml++'s ("Error while parsing boolean: expected 'true', saw 'tr1'"), `word` what stands at the
/// place that it gives.
[[nodiscard]] TomlMistake toml_mistake(std::string_view description, std::string_view word);

}  // namespace skep
