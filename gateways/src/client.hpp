#pragma once
// A client that has come in at a gateway; with TLS it has shaken hands.

#include "doorkeeper.hpp"
#include "net/stream.hpp"

namespace skep {

struct Client {
  Stream stream;
  DoorkeeperPtr door{};  ///< null for a peer that the gateway has connected to
};

}  // namespace skep
