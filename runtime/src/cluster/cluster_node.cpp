#include "cluster/cluster_node.hpp"

#include <algorithm>

#include "cluster/digests.hpp"
#include "pki/pki_folder.hpp"
#include "placement/placement_needs.hpp"
#include "skep/gateways/host_port.hpp"

namespace skep {
namespace {

Error refused_cluster(const std::string& why) {
  return {errc::invalid_argument, "[cluster]: " + why};
}

/// Its number among the configured nodes.
Result<NodeNumber> number_of(const ClusterConfig& config, const PeerIdentity& identity) {
  const auto its = "its certificate '" + config.certificate + "' is ";
  if (identity.cluster != config.name) {
    return refused_cluster(its + "of cluster '" + identity.cluster + "', not '" + config.name + '\'');
  }
  if (identity.role != PeerRole::node) return refused_cluster(its + "that of an admin, not of a node");
  const auto found = std::ranges::find(config.nodes, identity.name, &ClusterNode::name);
  if (found == config.nodes.end())
    return refused_cluster(its + "of node '" + identity.name + "', which is not in 'nodes'");
  return static_cast<NodeNumber>(found - config.nodes.begin()) + 1;
}

/// Mistakes that reading the files one by one would tell of in other words; "": none of these.
std::string mixed_up(const ClusterConfig& config) {
  const auto certificate = read_certificate_file(config.certificate);
  if (certificate && !certificate->identity) {
    return "certificate '" + config.certificate + "' is that of an authority: a node has one of its own";
  }
  if (read_certificate_file(config.key)) return "key '" + config.key + "' is a certificate";
  return {};
}

}  // namespace

Result<TlsContextPtr> read_tls(const ClusterConfig& config, CertificateTime now) {
  if (const auto mistake = mixed_up(config); !mistake.empty()) return refused_cluster(mistake);
  TlsMaterial material;
  std::string problems;
  const auto take = [&](auto read, auto& into) {
    if (read) {
      into = std::move(read).value();
    } else {
      problems += (problems.empty() ? "" : "; ") + read.error().message;
    }
  };
  take(read_certificate_text(config.authorities), material.authorities);
  take(read_certificate_text(config.certificate), material.certificate);
  take(read_key_file(config.key), material.key);
  if (!config.deny_list.empty()) take(read_denied(config.deny_list), material.denied);
  if (!problems.empty()) return refused_cluster(problems);
  auto made = TlsContext::make(material, now);
  if (!made) {
    return refused_cluster(made.error().message + " (certificate '" + config.certificate + "', key '" + config.key +
                           "', authorities '" + config.authorities + "')");
  }
  return made;
}

Result<Cluster::Settings> cluster_settings(const ClusterConfig& config, CertificateTime now) {
  auto tls = read_tls(config, now);
  if (!tls) return tls.error();
  const auto number = number_of(config, (*tls)->identity());
  if (!number) return number.error();
  Cluster::Settings settings;
  settings.cluster = config.name;
  settings.self = *number;
  settings.members = members_of(config.nodes);
  for (const auto& node : config.nodes) {
    const auto address = parse_host_port(node.address);
    if (!address) return refused_cluster(address.error().message);
    settings.nodes.push_back({static_cast<NodeNumber>(settings.nodes.size() + 1), node.name, *address});
  }
  settings.digest = nodes_digest(config.nodes);
  const auto listen = parse_host_port(config.listen.empty() ? config.nodes[*number - 1].address : config.listen);
  if (!listen) return refused_cluster(listen.error().message);
  settings.listen = *listen;
  settings.tls = std::move(tls).value();
  return settings;
}

}  // namespace skep
