#include "skep/serialization/payload.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cassert>
#include <cstring>
#include <functional>
#include <new>

#include "block_memory.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/reference_count.hpp"

namespace skep {

std::string_view to_string(ContentKind kind) noexcept {
  switch (kind) {
    case ContentKind::raw:
      return "raw";
    case ContentKind::json:
      return "json";
    case ContentKind::tensor:
      return "tensor";
    case ContentKind::capnp:
      return "capnp";
    case ContentKind::error:
      return "error";
  }
  return "unknown";
}

struct Buffer::Block {
  ReferenceCount references;
  std::size_t allocated;  ///< bytes of this allocation: this, then `bytes`
  std::span<std::byte> bytes;
};

Buffer Buffer::allocate(std::size_t size) {
  const auto memory = allocate_block(sizeof(Block), size);
  return Buffer(new (memory.front) Block{{}, memory.allocated, {memory.aligned, size}});
}

Buffer Buffer::copy_of(std::span<const std::byte> bytes) {
  auto buffer = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.writable().data(), bytes.data(), bytes.size());
  return buffer;
}

std::span<const std::byte> Buffer::bytes() const noexcept {
  return block_ != nullptr ? std::span<const std::byte>(block_->bytes) : std::span<const std::byte>();
}

std::span<std::byte> Buffer::writable() noexcept {
  return block_ != nullptr ? block_->bytes : std::span<std::byte>();
}

void Buffer::retain() const noexcept {
  block_->references.add();
}

void Buffer::release() const noexcept {
  if (!block_->references.drop()) return;
  const auto allocated = block_->allocated;
  block_->~Block();
  release_block(block_, allocated);
}

Payload Payload::borrow(std::span<const std::byte> bytes, Content content) {
  return {content, bytes, {}};
}

Payload Payload::raw(std::string_view text) {
  return borrow(std::as_bytes(std::span(text.data(), text.size())), {ContentKind::raw, 0});
}

Payload Payload::json(std::string_view text) {
  return borrow(std::as_bytes(std::span(text.data(), text.size())), {ContentKind::json, 0});
}

Payload Payload::raw(std::string&& text) {
  return share(Buffer::copy_of(raw(text).bytes), {ContentKind::raw, 0});
}

Payload Payload::json(std::string&& text) {
  return share(Buffer::copy_of(raw(text).bytes), {ContentKind::json, 0});
}

Payload Payload::share(Buffer buffer, Content content) {
  const auto whole = buffer.bytes();
  return {content, whole, std::move(buffer)};
}

Payload Payload::share(Buffer buffer, std::span<const std::byte> part, Content content) {
  const auto whole = buffer.bytes();
  assert(part.empty() || (!std::less<>()(part.data(), whole.data()) &&
                          !std::less<>()(whole.data() + whole.size(), part.data() + part.size())));
  return {content, part, std::move(buffer)};
}

Payload Payload::message(capnp::MessageBuilder& message, Content content) {
  const auto segments = message.getSegmentsForOutput();
  assert(segments.size() > 0);  // a message has a root
  const auto size = capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word);
  auto buffer = Buffer::allocate(size);
  const auto out = buffer.writable();
  auto* table = reinterpret_cast<std::uint32_t*>(out.data());
  const auto table_bytes = (segments.size() / 2 + 1) * sizeof(capnp::word);
  std::memset(table, 0, table_bytes);
  table[0] = static_cast<std::uint32_t>(segments.size() - 1);
  auto* next = out.data() + table_bytes;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto bytes = segments[i].asBytes();
    table[i + 1] = static_cast<std::uint32_t>(segments[i].size());
    std::memcpy(next, bytes.begin(), bytes.size());
    next += bytes.size();
  }
  return share(std::move(buffer), content);
}

}  // namespace skep
