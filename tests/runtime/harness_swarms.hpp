#pragma once
// Swarm files for tests of whole swarms, and what came out.

#include <string>
#include <vector>

#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {

/// One gateway of JSON lines, `door`, and one bee, `bee`, that answers.
inline std::string one_bee(const std::string& bee_class, const std::string& more_of_gateway = "",
                           const std::string& more_of_bee = "", const std::string& more = "") {
  return "name = \"one\"\n" + more + "[gateways.door]\ntype = \"tcp\"\nlisten = \"127.0.0.1:1\"\nanswers = \"bee\"\n" +
         more_of_gateway + "[bees.bee]\nclass = \"" + bee_class + "\"\nfrom = \"door\"\n" + more_of_bee;
}

inline std::vector<std::string> texts(const std::vector<Reply>& replies) {
  std::vector<std::string> texts;
  for (const auto& reply : replies) texts.push_back(reply.text());
  return texts;
}

inline std::vector<std::string> texts(const std::vector<Record>& records) {
  std::vector<std::string> texts;
  for (const auto& record : records) texts.emplace_back(record.text());
  return texts;
}

}  // namespace skep::testing
