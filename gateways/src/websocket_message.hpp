#pragma once
// A WebSocket message that waits: to be taken, or to go out.

#include <string>
#include <string_view>

#include "out_buffer.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

struct WebSocketMessage {
  static constexpr std::size_t overhead = 256;  ///< memory of one beside its bytes, about

  Record record;     ///< keeps the bytes, or none:
  std::string text;  ///< the bytes
  bool is_text = true;
  Outgoing what = Outgoing::answer;  ///< of those that go out

  [[nodiscard]] std::string_view bytes() const { return record ? record.text() : std::string_view(text); }
  [[nodiscard]] std::size_t memory() const { return bytes().size() + overhead; }
};

}  // namespace skep
