#pragma once
// What `[cluster]` of a node file comes to: certificates read and checked, and which of the nodes this one is.
//
// Blocking: reads files.

#include "cluster/cluster.hpp"
#include "skep/runtime/node_config.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// Errors: what is wrong with a file or a certificate, by its path where that is known.
[[nodiscard]] Result<TlsContextPtr> read_tls(const ClusterConfig& config, CertificateTime now);

/// All but the log. Errors: as `read_tls`; a certificate of another cluster, of an administrator, or of a node that is
/// not in the list; an address that is none.
[[nodiscard]] Result<Cluster::Settings> cluster_settings(const ClusterConfig& config, CertificateTime now);

}  // namespace skep
