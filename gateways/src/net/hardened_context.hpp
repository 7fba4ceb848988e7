#pragma once
// What all TLS here begins with: no old versions, no weak keys, no sessions to resume, no tickets, no early data, no
// renegotiation, so every peer is judged in full. Whom to trust is its user's to say.

#include <cstdint>

#include "net/openssl.hpp"

namespace skep {

enum class OldestTls : std::uint8_t { v1_2, v1_3 };

/// For either end. Of TLS 1.2 the ciphers with forward secrecy and authentication alone. Throws std::bad_alloc.
[[nodiscard]] SslContextPtr make_hardened_context(OldestTls oldest);

}  // namespace skep
