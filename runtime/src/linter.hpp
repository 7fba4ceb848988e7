#pragma once
// The steps of lint, over one plan that fills as they go. lint_form.cpp checks what a file's reader does, for a spec
// made in code; lint_names.cpp resolves names, lint_flow.cpp looks at where records can go.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "placement/placement_needs.hpp"
#include "problem_list.hpp"
#include "skep/runtime/lint.hpp"
#include "wiring.hpp"

namespace skep {

/// "json or tensor"
[[nodiscard]] std::string words(const std::vector<ContentKind>& kinds);

class Linter {
 public:
  Linter(const SwarmSpec& spec, const BeeRegistry& bees, const GatewayRegistry& gateways, FileGaps gaps,
         const std::vector<ClusterNode>& cluster);
  LintResult run();

 private:
  using Node = Wiring::Node;

  // lint.cpp
  void configure_bees();
  void add(const std::vector<OptionProblem>& problems, SourcePosition where);
  void report_unknown_class(const BeeSpec& spec);
  void configure_gateways();
  void report_unknown_type(const GatewaySpec& spec);
  void check_directions(const GatewaySpec& spec, const GatewayDescription& type);
  void check_threads(const PlannedGateway& gateway);
  [[nodiscard]] OptionValue options_of(const GatewaySpec& spec, const GatewayDescription& description);
  void check_listen();
  void resolve();

  // lint_form.cpp
  void check_form();
  void check_names();
  void check_plugins();
  void check_bee_form(const BeeSpec& bee);
  void check_gateway_form(const GatewaySpec& gateway);
  void check_edges_form(const std::vector<EdgeSpec>& edges, const std::string& of);
  void check_swarm_settings();
  void check_count(SourcePosition position, const std::string& what, std::uint64_t value, std::uint64_t min,
                   std::uint64_t max);
  void check_bytes(SourcePosition position, const std::string& what, std::uint64_t bytes);
  void check_time(SourcePosition position, const std::string& what, std::chrono::nanoseconds time,
                  std::chrono::nanoseconds max);
  void check_values(const OptionValue& value, const std::string& of, std::size_t depth);

  // lint_files.cpp
  struct FileUse {
    std::string gateway;
    std::string path;  ///< from here; "-": standard input or output
    bool writes = false;
    SourcePosition position;
  };
  struct FileUsers {
    std::optional<FileUse> first, writer;
  };
  void check_files();
  void add_file(FileUse use);
  void check_there(const FileUse& use);

  // lint_supervision.cpp
  void check_supervision();

  // lint_placement.cpp
  void check_placement();
  void report_unplaceable(Node node);

  // lint_delivery.cpp
  void check_delivery();
  void check_bee_delivery(const PlannedBee& bee);
  void check_overflow(std::size_t edge);
  void check_batch(Node bee);

  // lint_types.cpp
  void check_types();
  void find_demands();
  void check_demands(Node gateway);
  [[nodiscard]] Node first_demand(Node gateway) const;
  [[nodiscard]] PayloadType sent(Node node, std::uint16_t port);
  [[nodiscard]] PayloadType forwarded(Node bee);
  void check_edge_type(std::size_t edge);
  void check_gateway_type(std::size_t gateway);
  void check_out_type(std::size_t gateway, const PayloadType& type, const std::string& sender);
  void check_path_option(std::size_t gateway, const char* option, const char* none);
  [[nodiscard]] const BeeDescription* description(Node node) const;
  [[nodiscard]] std::string type_name(const PayloadType& type, Node who) const;
  [[nodiscard]] SourcePosition content_position(const GatewaySpec& spec) const;

  // lint_names.cpp
  void resolve_edges();
  void resolve_edge(const EdgeSpec& edge, Node to);
  void resolve_answers();
  [[nodiscard]] std::optional<std::pair<Node, std::uint16_t>> find_answer(const GatewaySpec& gateway);
  [[nodiscard]] std::optional<Node> find(const std::string& name, SourcePosition position);
  [[nodiscard]] std::optional<std::uint16_t> find_port(Node node, const std::string& port, SourcePosition position);
  [[nodiscard]] bool comes_in(Node node, SourcePosition position);
  [[nodiscard]] bool emits(Node node, std::uint16_t port, SourcePosition position, const std::string& else_what);

  // lint_flow.cpp
  void check_cycles();
  void check_answers();
  void check_unread();
  void check_unread_ports(Node bee);
  void check_unanswered(Node bee, std::uint16_t port);
  [[nodiscard]] std::vector<std::size_t> edges_of(Node node, std::uint16_t port) const;
  void check_joins();
  void check_join(Node bee);
  void check_kinds();
  void check_kinds(std::size_t earlier, std::size_t later);
  void check_kinds_of_gateway(std::size_t index);
  [[nodiscard]] std::vector<ContentKind> inputs(Node node) const;
  void order();
  [[nodiscard]] bool may_reach(Node from, Node to) const;

  [[nodiscard]] std::size_t nodes() const noexcept { return spec_.bees.size() + spec_.gateways.size(); }
  [[nodiscard]] bool is_gateway(Node node) const noexcept { return node >= spec_.bees.size(); }
  [[nodiscard]] Node gateway_node(std::size_t gateway) const noexcept { return spec_.bees.size() + gateway; }
  [[nodiscard]] const std::string& name(Node node) const;
  [[nodiscard]] std::string port_name(Node node, std::uint16_t port) const;  ///< "normalize.rejected"
  [[nodiscard]] const std::vector<EdgeSpec>& from(Node node) const;

  /// `answers` of a gateway, found.
  struct Answer {
    std::size_t gateway;
    Node bee;
    std::uint16_t port;
  };

  const SwarmSpec& spec_;
  const BeeRegistry& bees_;
  const GatewayRegistry& gateways_;
  const FileGaps gaps_;
  const std::vector<Member> members_;  ///< of the cluster; none: a node alone
  ProblemList problems_;
  std::vector<std::string> unchecked_;  ///< bees whose class may be of a missing plug-in
  std::map<std::string_view, Node> names_;
  SwarmPlan plan_;
  Wiring wiring_;
  std::vector<SourcePosition> edge_positions_;        ///< by index of plan_.edges
  std::vector<std::vector<std::size_t>> edges_from_;  ///< indices of plan_.edges, by sender
  std::set<std::tuple<Node, std::uint16_t, Node>> edges_seen_;
  std::vector<Answer> answers_;
  std::vector<std::vector<std::size_t>> edges_to_;  ///< indices of plan_.edges, by receiver
  /// By node: the payload types that its records are to be of, with the first bee that reads nothing else.
  std::vector<std::map<std::uint64_t, Node>> demands_;
  std::vector<std::optional<PayloadType>> forwarded_types_;  ///< by bee; those that were looked for
  std::vector<bool> unknown_input_;                          ///< nodes that read something that could not be found
  std::map<std::string, FileUsers> files_;  ///< by device and inode, or path; "<-" and ">-": standard input, output
  bool unknown_answers_ = false;            ///< nobody knows from where some gateway's answers come
};

}  // namespace skep
