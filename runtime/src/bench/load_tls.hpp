#pragma once
// TLS of a bench's connections: the client's end, from the files that its options name.

#include "bench/load_target.hpp"
#include "net/stream_tls.hpp"

namespace skep::bench {

/// Null where the target has none. Errors: as StreamTls::read, with the option of the command line;
/// `errc::invalid_argument` for a name that no certificate could be for.
[[nodiscard]] Result<StreamTlsPtr> read_tls(const LoadTarget& target);

}  // namespace skep::bench
