#pragma once
// The bytes of a record: what kind they are and who keeps them alive.
//
// A Payload is a cheap value. It either shares a reference-counted Buffer, or borrows bytes of the caller, which
// are then copied into the record that is made from it; a borrowed Payload must not outlive its bytes. The bytes of
// a temporary string are copied at once.
// Threads: a Buffer is immutable once shared; handles may be copied and released on any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace capnp {
class MessageBuilder;
}

namespace skep {

enum class ContentKind : std::uint8_t { raw, json, tensor, capnp, error };

[[nodiscard]] std::string_view to_string(ContentKind kind) noexcept;

/// What the bytes of a payload are.
struct Content {
  ContentKind kind = ContentKind::raw;
  std::uint64_t schema = 0;  ///< Cap'n Proto type id where `kind` is `capnp`, else 0

  friend bool operator==(const Content&, const Content&) = default;
};

/// Reference-counted bytes, 64-aligned, written once by their maker and immutable from then on.
class Buffer {
 public:
  Buffer() = default;
  /// Allocates `size` uninitialised bytes. Throws std::bad_alloc.
  [[nodiscard]] static Buffer allocate(std::size_t size);
  [[nodiscard]] static Buffer copy_of(std::span<const std::byte> bytes);

  Buffer(const Buffer& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) retain();
  }
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Buffer() {
    if (block_ != nullptr) release();
  }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept;
  /// For the maker, before the first copy of the handle.
  [[nodiscard]] std::span<std::byte> writable() noexcept;
  explicit operator bool() const noexcept { return block_ != nullptr; }

 private:
  struct Block;
  explicit Buffer(Block* block) noexcept : block_(block) {}
  void retain() const noexcept;
  void release() const noexcept;

  Block* block_ = nullptr;
};

struct Payload {
  Content content;
  std::span<const std::byte> bytes;
  Buffer owner;  ///< keeps `bytes` alive; empty: borrowed from the caller

  [[nodiscard]] static Payload borrow(std::span<const std::byte> bytes, Content content = {});
  /// Borrows `text`.
  [[nodiscard]] static Payload raw(std::string_view text);
  [[nodiscard]] static Payload raw(const char* text) { return raw(std::string_view(text)); }
  [[nodiscard]] static Payload json(std::string_view text);
  [[nodiscard]] static Payload json(const char* text) { return json(std::string_view(text)); }
  /// Owns a copy of `text`, which is gone after the full expression. Throws std::bad_alloc.
  [[nodiscard]] static Payload raw(std::string&& text);
  [[nodiscard]] static Payload json(std::string&& text);
  /// The whole of `buffer`, or the part of it given by `bytes`, shared and not copied.
  [[nodiscard]] static Payload share(Buffer buffer, Content content);
  [[nodiscard]] static Payload share(Buffer buffer, std::span<const std::byte> part, Content content);
  /// A Cap'n Proto message, flattened into a Buffer. Precondition (asserted): it has a root.
  [[nodiscard]] static Payload message(capnp::MessageBuilder& message, Content content);
  /// A struct of type `T`, built by `fill(T::Builder)`. Include "skep/serialization/typed.hpp".
  template <class T, class Fill>
  [[nodiscard]] static Payload build(Fill&& fill);
};

}  // namespace skep
