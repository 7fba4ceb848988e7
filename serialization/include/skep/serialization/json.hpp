#pragma once
// JSON in and out, with numbers at full precision.
//
// Reading: RFC 8259, checked whole (structure, UTF-8, depth) before anything is handed out. Writing: shortest digits
// that read back to the same number; 64-bit integers as digits; NaN and infinities have no JSON and are refused.
// An integer beyond 64 bits, or a number beyond a double, is an error rather than another number. Of two equal keys
// in an object the first counts. An empty array or object is no level of nesting.
// Threads: a JsonDocument belongs to one thread; parsing reuses buffers of the calling thread.

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "skep/serialization/record.hpp"
#include "skep/serialization/result.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {

/// Errors: `errc::bad_record` with what is wrong and at which byte. Depth at most
/// limits::json_depth_max. `errc::too_large` past limits::payload_bytes_max. Blocking: never.
[[nodiscard]] Result<void> check_json(std::string_view text);

/// A parsed document. Paths are `$`, `$.user`, `$.a.b`, `$.items[2]`.
class JsonDocument {
 public:
  JsonDocument();  ///< of no text: every path is missing
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view text);
  /// As `parse`, in the memory of the text before. After an error it is of no text.
  [[nodiscard]] Result<void> reparse(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] bool has(std::string_view path) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view path) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view path) const;  ///< integers in range only
  [[nodiscard]] std::optional<double> number(std::string_view path) const;
  /// Valid while this lives and has no other text: keep the document in a variable.
  [[nodiscard]] std::optional<std::string_view> string(std::string_view path) const;
  /// The value as JSON text ("7", "\"x\"", "[1,2]"): for keys and comparison.
  [[nodiscard]] std::optional<std::string> text(std::string_view path) const;

  struct Member {
    std::string_view name;  ///< valid while the document lives
    std::string text;       ///< as `text` gives it
  };
  /// Those of an object, as they stand there; nothing if it is none.
  [[nodiscard]] std::optional<std::vector<Member>> members(std::string_view path) const;

  struct Array {
    Shape shape;
    std::vector<std::byte> bytes;  ///< row-major, of the dtype asked for
  };
  /// A (nested) array of numbers or booleans as tensor bytes. `shape` may have free dimensions (-1).
  /// Errors: `errc::bad_record`: no such path, ragged, other shape, an element that `dtype` cannot hold exactly
  /// (floats round to nearest, but do not overflow); the message names the element. `errc::too_large` past
  /// limits::payload_bytes_max, before anything is allocated.
  [[nodiscard]] Result<Array> array(std::string_view path, DType dtype, std::span<const std::int64_t> shape) const;
  /// As `array`, into memory of the caller, of which an error leaves nothing certain. `shape` has no free dimension,
  /// and `out` is as large as it and `dtype` say (asserted).
  [[nodiscard]] Result<void> read_array(std::string_view path, DType dtype, std::span<const std::int64_t> shape,
                                        std::span<std::byte> out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// For bees: throws BadRecord ("malformed JSON: byte 12: ...") for what JsonDocument::parse refuses.
[[nodiscard]] JsonDocument read_json(std::string_view text);

/// The same, in the memory of the text before.
void read_json(std::string_view text, JsonDocument& document);

/// Whether `path` has the form that JsonDocument takes; for checks of settings.
[[nodiscard]] bool is_json_path(std::string_view path) noexcept;

/// Appends JSON to a string. The caller keeps the order right (asserted): keys in objects, values elsewhere.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);  ///< escaped; invalid UTF-8 becomes U+FFFD
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  template <std::integral Number>
  JsonWriter& value(Number number) {
    using Whole = std::conditional_t<std::signed_integral<Number>, std::int64_t, std::uint64_t>;
    return value(static_cast<Whole>(number));
  }
  JsonWriter& value(double number);  ///< throws BadRecord for NaN and infinities
  JsonWriter& value(float number);   ///< shortest digits that read back to the same float
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  ///< already JSON
  /// Nested arrays of the tensor's shape; throws BadRecord for NaN, infinities, and text past
  /// limits::payload_bytes_max.
  JsonWriter& value(const TensorView& tensor);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::string take() noexcept { return std::move(text_); }

 private:
  enum class Level : char { object, array };
  struct Open {
    Level level;
    bool empty;
  };

  void separate();
  void comma();
  JsonWriter& open(Level level, char bracket);
  JsonWriter& close(Level level, char bracket);

  std::string text_;
  std::vector<Open> open_;
  bool after_key_ = false;
};

/// `{"dtype": "f32", "shape": [2], "data": [1, 2]}`, as clients and people see one. Throws as JsonWriter::value does.
[[nodiscard]] std::string tensor_json(const TensorView& tensor);

}  // namespace skep
