#pragma once
// Where the records of a test come in and out: finds its gateways, sessions and bees in the swarm of its file. Pure.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "skep/runtime/swarm_test.hpp"
#include "table_reader.hpp"

namespace skep {

class TestPlaces {
 public:
  /// Both outlive it. What may stand in lines that could not be read is not missed.
  TestPlaces(const SwarmSpec& spec, ProblemList& problems);

  /// Forgets the sessions of the test before.
  void begin_test() { sessions_.clear(); }
  /// The gateway that a `send` names, or the only one that takes records; empty where there is none.
  [[nodiscard]] std::string source(TableReader& reader, SourcePosition where);
  /// A session is known once something was sent on it.
  void sent(const TestSend& send) { sessions_[send.gateway].insert(send.session); }
  /// Gateway, session and side of an `expect`, of which `what` is known already.
  void fill(TableReader& reader, const TestStep& step, TestExpect& expect);
  void check_bee(const std::string& bee, const OptionValue& value);
  /// A client of a gateway with lines cannot send a record with a line end in it.
  void check_lines(const TestSend& send);

 private:
  using Holds = bool (TestPlaces::*)(const GatewaySpec&) const;

  [[nodiscard]] bool takes(const GatewaySpec& gateway) const;
  [[nodiscard]] bool gives(const GatewaySpec& gateway) const;
  [[nodiscard]] std::vector<std::string> names(Holds holds) const;
  [[nodiscard]] const GatewaySpec* named(const std::string& name, SourcePosition where);
  [[nodiscard]] const GatewaySpec* only(Holds holds, SourcePosition where, const std::string& what);
  [[nodiscard]] const GatewaySpec* target(TableReader& reader, const TestStep& step, const TestExpect& expect);
  [[nodiscard]] const GatewaySpec* default_target(const TestStep& step, const TestExpect& expect);
  void check_session(TableReader& reader, const TestStep& step, TestExpect& expect);
  void error(SourcePosition where, std::string message, std::string suggestion = {});

  const SwarmSpec& spec_;
  ProblemList& problems_;
  std::set<std::string, std::less<>> read_;  ///< gateways that something reads
  std::map<std::string, std::set<std::string>> sessions_;
};

}  // namespace skep
