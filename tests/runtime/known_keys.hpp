#pragma once
// The keys that the readers of swarm files know.

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "skep/runtime/swarm_file.hpp"

namespace skep {

/// The keys that a reader lists when it meets one that it has never heard of: `text` has a key 'zzzzzzzzz'.
inline std::vector<std::string> known_keys(const std::string& text) {
  std::vector<std::string> keys;
  for (const auto& problem : parse_swarm(text, "s.toml", {}).problems) {
    if (!problem.message.starts_with("unknown key 'zzzzzzzzz'")) continue;
    EXPECT_TRUE(problem.suggestion.starts_with("known: ")) << problem.to_string();
    std::istringstream words(problem.suggestion.substr(7));
    for (std::string key; words >> key;) keys.push_back(key.substr(0, key.find(',')));
  }
  return keys;
}

}  // namespace skep
