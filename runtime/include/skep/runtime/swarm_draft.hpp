#pragma once
// What a SwarmBuilder and its handles share: a swarm that is still being put together, without types.
//
// Lifetime: owned by its builder, at one address; handles point to it. Threads: none of its own.

#include <cstddef>
#include <string>
#include <typeinfo>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/actors/option_literal.hpp"
#include "skep/runtime/code_place.hpp"
#include "skep/runtime/swarm_file.hpp"

namespace skep::detail {

class SwarmDraft;

struct DraftEdge {
  const SwarmDraft* draft = nullptr;
  EdgeSpec spec{};
};

struct DraftAnswer {
  const SwarmDraft* draft = nullptr;
  std::string bee{}, port{};
};

class SwarmDraft {
 public:
  SwarmDraft(std::string name, BeeRegistry& bees);

  // Each returns an index, which stays what it is.
  std::size_t add_bee(std::string name, std::string bee_class, CodePlace place);
  std::size_t add_gateway(std::string name, std::string type, CodePlace place);
  void add_plugin(std::string name, std::string sha256, CodePlace place);
  void set_supervision(const SupervisorSettings& settings, CodePlace place);
  /// The name of a C++ class; `add`, unless it is null, registers one that has none.
  std::string class_of(const std::type_info& type, const std::string& bee, void (*add)(BeeRegistry&, std::string),
                       CodePlace place);

  void feed_bee(std::size_t bee, std::vector<DraftEdge> edges);
  void feed_gateway(std::size_t gateway, std::vector<DraftEdge> edges);
  void answer(std::size_t gateway, const DraftAnswer& answer, CodePlace place);
  void set_held(std::size_t bee, HeldLimits held, CodePlace place);
  void add_option(OptionValue& options, std::string key, OptionValue value, CodePlace place);
  void add_options(OptionValue& options, const OptionValue& table, CodePlace place);

  [[nodiscard]] BeeSpec& bee(std::size_t index) { return spec_.bees.at(index); }
  [[nodiscard]] GatewaySpec& gateway(std::size_t index) { return spec_.gateways.at(index); }
  [[nodiscard]] SwarmSpec& spec() noexcept { return spec_; }

  /// Numbers a place, from 1: a position of the draft has this as its line.
  [[nodiscard]] SourcePosition mark(CodePlace place);
  /// What has been said so far; positions are numbers of places. Problems are those that lint cannot find.
  [[nodiscard]] SwarmFile file() const;
  /// Positions as lines of code instead.
  void locate(SwarmSpec& spec) const;
  void locate(BeeSpec& bee) const;
  void locate(GatewaySpec& gateway) const;
  void locate(Problem& problem) const;

 private:
  [[nodiscard]] std::vector<EdgeSpec> own(std::vector<DraftEdge> edges, SourcePosition position);
  void error(SourcePosition position, std::string message, std::string suggestion = {});
  void locate(SourcePosition& position) const;
  void locate(OptionValue& value) const;
  void locate(std::vector<EdgeSpec>& edges) const;

  BeeRegistry& registry_;
  SwarmSpec spec_;
  std::vector<CodePlace> places_;
  std::vector<Problem> problems_;
};

}  // namespace skep::detail
