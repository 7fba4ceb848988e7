#include "websocket_mask.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace skep {

void WebSocketMask::apply(std::span<char> piece) noexcept {
  constexpr std::size_t words = 4;
  std::uint64_t key = 0;
  std::memcpy(&key, key_.data(), key_.size());
  std::memcpy(reinterpret_cast<char*>(&key) + key_.size(), key_.data(), key_.size());
  std::size_t at = 0;
  std::uint64_t word[words];
  for (; piece.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(word, piece.data() + at, sizeof word);
    for (auto& each : word) each ^= key;
    std::memcpy(piece.data() + at, word, sizeof word);
  }
  for (; piece.size() - at >= sizeof *word; at += sizeof *word) {
    std::memcpy(word, piece.data() + at, sizeof *word);
    word[0] ^= key;
    std::memcpy(piece.data() + at, word, sizeof *word);
  }
  for (std::size_t i = 0; at + i < piece.size(); ++i) piece[at + i] ^= key_[i % key_.size()];
  std::rotate(key_.begin(), key_.begin() + static_cast<std::ptrdiff_t>(piece.size() % key_.size()), key_.end());
}

}  // namespace skep
