#pragma once
// A client that has come in at a gateway; with TLS it has shaken hands, and a token it has yet to show.

#include "doorkeeper.hpp"
#include "net/stream.hpp"

namespace skep {

struct Client {
  Stream stream;
  Visit visit{};
};

}  // namespace skep
