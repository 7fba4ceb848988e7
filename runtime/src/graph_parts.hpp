#pragma once
// What the forms of a drawing share: who feeds whom, and the words beside bees, gateways and edges.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "skep/runtime/graph.hpp"

namespace skep {

/// An arrow of the drawing. Nodes are indices into bees, then (past their end) gateways.
struct GraphArrow {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string port;   ///< empty for the default port
  std::string notes;  ///< "Reading, by key, window 64"
  bool answer = false;
};

/// A swarm as nodes and arrows; names that do not exist are left out (lint reports them).
class GraphParts {
 public:
  GraphParts(const SwarmSpec& spec, const PortTypes& types);

  [[nodiscard]] std::size_t size() const noexcept { return spec_.bees.size() + spec_.gateways.size(); }
  [[nodiscard]] bool is_gateway(std::size_t node) const noexcept { return node >= spec_.bees.size(); }
  [[nodiscard]] const std::string& name(std::size_t node) const;
  [[nodiscard]] std::string title(std::size_t node) const;        ///< "classify ×2"
  [[nodiscard]] const std::string& kind(std::size_t node) const;  ///< class or type
  [[nodiscard]] std::string notes(std::size_t node) const;        ///< "batch 32 or 2ms", "127.0.0.1:8080"
  [[nodiscard]] const std::vector<GraphArrow>& arrows() const noexcept { return arrows_; }
  /// Indices of the arrows that leave a node: edges in file order, then answers.
  [[nodiscard]] const std::vector<std::size_t>& arrows_from(std::size_t node) const { return arrows_from_[node]; }

 private:
  void add_edges(std::size_t to, const std::vector<EdgeSpec>& edges);
  void add_answers(std::size_t gateway);
  void add(GraphArrow arrow);
  [[nodiscard]] std::string type_of(std::size_t node, const std::string& port) const;
  [[nodiscard]] const GatewaySpec& gateway(std::size_t node) const { return spec_.gateways[node - spec_.bees.size()]; }

  const SwarmSpec& spec_;
  const PortTypes& types_;
  std::map<std::string_view, std::size_t> nodes_;
  std::vector<GraphArrow> arrows_;
  std::vector<std::vector<std::size_t>> arrows_from_;
};

[[nodiscard]] std::string draw_text(const SwarmSpec& spec, const PortTypes& types);
/// `words` that are not empty, with `separator` between them.
[[nodiscard]] std::string join(const std::vector<std::string>& words, std::string_view separator);

}  // namespace skep
