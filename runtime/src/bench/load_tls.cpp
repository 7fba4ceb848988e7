#include "bench/load_tls.hpp"

#include <algorithm>

#include "skep/runtime/printable.hpp"

namespace skep::bench {
namespace {

/// "tls_key: ..." of a gateway is "--tls-key: ..." here.
std::string of_command_line(std::string message) {
  const auto end = message.begin() + static_cast<std::ptrdiff_t>(std::min(message.find(':'), message.size()));
  std::replace(message.begin(), end, '_', '-');
  return "--" + message;
}

}  // namespace

Result<StreamTlsPtr> read_tls(const LoadTarget& target) {
  if (!target.access.tls) return StreamTlsPtr();
  const auto& tls = *target.access.tls;
  const auto& name = tls.name.empty() ? target.address.host : tls.name;
  if (!StreamTls::can_be_for(name)) {
    return Error{errc::invalid_argument,
                 "'" + printable(name) + "' is no name that a certificate could be for: --tls-name gives another"};
  }
  const auto now = certificate_now();
  auto read = StreamTls::read({tls.certificate, tls.key, tls.authorities, OldestTls::v1_2, name}, now);
  if (!read) return Error{read.error().code, of_command_line(read.error().message)};
  return read;
}

}  // namespace skep::bench
