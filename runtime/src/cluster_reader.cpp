#include "cluster_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>

#include "label_reader.hpp"
#include "net/peer_identity.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"

namespace skep {

namespace {

namespace fs = std::filesystem;

auto named(const std::string& name) {
  return [&name](const ClusterNode& node) { return node.name == name; };
}

auto listening_at(const std::string& text) {
  return [address = parse_host_port(text)](const ClusterNode& node) {
    const auto other = parse_host_port(node.address);
    return address && other && address->clashes(*other);
  };
}

class ClusterReader {
 public:
  ClusterReader(const OptionValue& table, const std::string& folder, ProblemList& problems)
      : reader_(table, "'cluster'", table.position, problems), folder_(folder), problems_(problems) {}

  ClusterConfig read() {
    ClusterConfig cluster;
    cluster.name = name(reader_, "cluster");
    if (const auto* nodes = reader_.require("nodes", example)) cluster.nodes = read_nodes(nodes->value);
    cluster.listen = address(reader_, "listen");
    read_files(cluster);
    reader_.report_unknown_keys();
    check_unique(cluster.nodes);
    check_labels(cluster.nodes);
    return cluster;
  }

 private:
  static constexpr auto example = R"([{ name = "a", address = "10.0.0.7:7400" }])";

  /// Where the parts of a node stand in the file.
  struct NodePlace {
    SourcePosition name, address, labels;
  };

  std::string name(TableReader& reader, std::string_view what) {
    const auto* member = reader.require("name", "\"...\"");
    const auto text = reader.text("name");
    if (!text) return {};
    if (const auto checked = check_peer_name(what, *text); !checked) {
      problems_.error(member->value.position, "'" + *text + "': " + checked.error().message);
    }
    return *text;
  }

  /// Of this node's own port, or where others reach one.
  std::string address(TableReader& reader, const std::string& key) {
    const auto text = reader.text(key);
    if (!text) return {};
    const auto at = reader.find(key)->value.position;
    const auto parsed = parse_host_port(*text);
    if (!parsed) {
      problems_.error(at, parsed.error().message);
    } else if (parsed->port == 0) {
      problems_.error(at, "'" + key + "' is " + *text + ", and the others have to know the port", "from 1 to 65535");
    }
    return *text;
  }

  std::vector<ClusterNode> read_nodes(const OptionValue& value) {
    const auto* list = std::get_if<OptionValue::Array>(&value.value);
    if (list == nullptr) {
      report_type(value, "'nodes' to be a list of tables, such as " + std::string(example), problems_);
      return {};
    }
    if (list->empty() || list->size() > limits::cluster_nodes_max) {
      problems_.error(value.position, "'nodes' has " + std::to_string(list->size()) + " of them, out of range",
                      "from 1 to " + std::to_string(limits::cluster_nodes_max));
      return {};
    }
    std::vector<ClusterNode> nodes;
    for (const auto& element : *list) {
      if (is_table(element)) {
        nodes.push_back(read_node(element));
      } else {
        report_type(element, "a node, such as { name = \"a\", address = \"10.0.0.7:7400\" }", problems_);
      }
    }
    return nodes;
  }

  ClusterNode read_node(const OptionValue& table) {
    TableReader reader(table, "a node", table.position, problems_);
    ClusterNode node{.name = name(reader, "node")};
    const auto position = [&](std::string_view key) {
      const auto* member = reader.find(key);
      return member == nullptr ? table.position : member->value.position;
    };
    places_.push_back({position("name"), position("address"), position("labels")});
    if (reader.require("address", "\"10.0.0.7:7400\"") != nullptr) node.address = address(reader, "address");
    refuse_any_host(node.address);
    if (const auto* labels = reader.find("labels")) node.labels = read_labels(labels->value, "labels", problems_);
    node.capacity = reader.count("capacity", 1, limits::node_capacity_max).value_or(node.capacity);
    reader.report_unknown_keys();
    return node;
  }

  void refuse_any_host(const std::string& address) {
    const auto parsed = parse_host_port(address);
    if (!parsed || (parsed->host != "0.0.0.0" && parsed->host != "::")) return;
    problems_.error(places_.back().address, "no other node can connect to " + address,
                    "the address that they reach it at; 'listen' may be " + parsed->host);
  }

  /// Names and addresses: a certificate is of one node, and a port has one listener.
  void check_unique(const std::vector<ClusterNode>& nodes) {
    for (std::size_t later = 1; later < nodes.size(); ++later) {
      const auto before = nodes.begin() + static_cast<std::ptrdiff_t>(later);
      const auto& node = nodes[later];
      if (!node.name.empty() && std::find_if(nodes.begin(), before, named(node.name)) != before) {
        problems_.error(places_[later].name, "node '" + node.name + "' is there twice");
      }
      const auto same = std::find_if(nodes.begin(), before, listening_at(node.address));
      if (same == before) continue;
      problems_.error(places_[later].address, "node '" + same->name + "' is at " + same->address + " already");
    }
  }

  /// A label is not a name: `nodes = ["a"]` is to mean node a, and no other.
  void check_labels(const std::vector<ClusterNode>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const auto& label : nodes[i].labels) {
        if (std::ranges::none_of(nodes, named(label))) continue;
        problems_.error(places_[i].labels, "label '" + label + "' is the name of a node",
                        label == nodes[i].name ? "it is one of its labels without being said" : "another word");
      }
    }
  }

  /// As `skep pki issue` leaves them: the key and whom to trust beside the certificate.
  void read_files(ClusterConfig& cluster) {
    if (reader_.require("certificate", "\"a.pem\"") != nullptr) cluster.certificate = path("certificate");
    cluster.key = path("key");
    cluster.authorities = path("authorities");
    cluster.deny_list = path("deny_list");
    if (cluster.certificate.empty()) return;
    const fs::path certificate(cluster.certificate);
    if (cluster.key.empty()) cluster.key = fs::path(certificate).replace_extension(".key");
    if (cluster.authorities.empty()) cluster.authorities = certificate.parent_path() / "ca.pem";
  }

  std::string path(std::string_view key) {
    const auto text = reader_.text(key);
    if (!text) return {};
    if (!text->empty()) return (fs::path(folder_) / *text).lexically_normal();
    problems_.error(reader_.find(key)->value.position, "'" + std::string(key) + "' is empty", "a path");
    return {};
  }

  TableReader reader_;
  const std::string& folder_;
  ProblemList& problems_;
  std::vector<NodePlace> places_;  ///< by index of `nodes`
};

/// "digits.browser" to both names; nothing where it is anything else.
std::optional<GatewayAddress> named_gateway(const std::string& key) {
  const auto dot = key.find('.');
  if (dot == std::string::npos) return std::nullopt;
  GatewayAddress address{.swarm = key.substr(0, dot), .gateway = key.substr(dot + 1)};
  return is_name(address.swarm) && is_name(address.gateway) ? std::optional(address) : std::nullopt;
}

std::optional<GatewayAddress> read_gateway_address(const TableReader::Member& member, ProblemList& problems) {
  auto address = named_gateway(member.key);
  if (!address) {
    problems.error(member.key_position, "'" + member.key + "' does not name a gateway of a swarm",
                   "write [gateways.\"SWARM.GATEWAY\"], with the quotes");
    return std::nullopt;
  }
  const auto what = "gateway '" + member.key + "'";
  if (!is_table(member.value)) {
    report_type(member.value, "a table for " + what, problems);
    return std::nullopt;
  }
  address->position = member.key_position;
  TableReader reader(member.value, what, member.key_position, problems);
  const auto* listen = reader.require("listen", "\"127.0.0.1:8080\"");
  const auto text = reader.text("listen");
  reader.report_unknown_keys();
  if (!text) return std::nullopt;
  address->listen = *text;
  address->listen_position = listen->value.position;
  if (const auto parsed = parse_host_port(address->listen); !parsed) {
    problems.error(address->listen_position, parsed.error().message);
  }
  return address;
}

}  // namespace

ClusterConfig read_cluster(const OptionValue& value, const std::string& folder, ProblemList& problems) {
  if (is_table(value)) return ClusterReader(value, folder, problems).read();
  report_type(value, "'cluster' to be a table", problems);
  return {};
}

std::vector<GatewayAddress> read_gateway_addresses(const OptionValue& value, ProblemList& problems) {
  const auto* tables = std::get_if<OptionValue::Table>(&value.value);
  if (tables == nullptr) report_type(value, "'gateways' to be tables, [gateways.\"SWARM.GATEWAY\"]", problems);
  std::vector<GatewayAddress> addresses;
  for (const auto& member : tables == nullptr ? OptionValue::Table{} : *tables) {
    if (auto address = read_gateway_address(member, problems)) addresses.push_back(std::move(*address));
  }
  return addresses;
}

}  // namespace skep
