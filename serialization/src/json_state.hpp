#pragma once
// What a parsed JSON document holds, for the files that implement it.

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "json_elements.hpp"
#include "skep/serialization/json.hpp"

namespace skep {

/// Of text: the memory that a larger one needed is given back.
inline constexpr std::size_t json_kept_bytes_max = 256u << 10;

struct JsonDocument::State {
  simdjson::dom::document document;
  simdjson::dom::element root;
  std::size_t text_bytes = 0;     ///< more values than this the document cannot hold; 0: it is of no text
  mutable JsonElements elements;  ///< a document belongs to one thread

  /// Nothing if the document has no such value or `path` is no path.
  [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view path) const;
};

/// Reuses buffers of the calling thread. Errors: as JsonDocument::parse.
[[nodiscard]] Result<void> parse_json(std::string_view text, simdjson::dom::document& document,
                                      simdjson::dom::element& root);

}  // namespace skep
