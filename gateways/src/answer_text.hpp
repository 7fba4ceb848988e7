#pragma once
// What an answer looks like to a client. Pure.
//
// Errors are always JSON. To a JSON client a tensor becomes {"dtype", "shape", "data"}; to others the payload's bytes
// go as they are.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "open_requests.hpp"
#include "skep/serialization/framing.hpp"

namespace skep {

/// What the bytes of a connection are.
enum class WireContent : std::uint8_t { json, raw, tensor, capnp };

[[nodiscard]] std::optional<WireContent> wire_content_from(std::string_view text) noexcept;
[[nodiscard]] std::string_view to_string(WireContent content) noexcept;
[[nodiscard]] ContentKind kind_of(WireContent content) noexcept;

struct AnswerText {
  std::string_view bytes;  ///< in the answer or in `scratch`
  bool is_text = true;     ///< JSON: a WebSocket sends it as a text message
  bool failed = false;     ///< an error, or could not be shown and became one
};

/// Valid until `answer` or `scratch` changes.
[[nodiscard]] AnswerText answer_text(const Answer& answer, WireContent content, std::string& scratch);

/// Why what goes out cannot hold this record, or nothing. One-way it is lost then; as an answer it becomes an error.
[[nodiscard]] std::optional<std::string> why_unfit(const Record& record, WireContent content, Framing framing);

/// Appends the answer as one frame; what a frame cannot hold becomes an error that says so: a bee's, for a request
/// is not to blame for its answer. Returns whether the client got an error.
bool append_answer(Framing framing, const AnswerText& text, std::string& out);

}  // namespace skep
