#include "skep/serialization/record.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "block_memory.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

/// A borrowed payload up to this size lies in its record's block, and is copied with it; a larger one is shared.
constexpr std::size_t copied_bytes_max = 1024;

/// A bijection that spreads every bit over all (the finaliser of MurmurHash3).
std::uint64_t mix(std::uint64_t bits) noexcept {
  bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccdULL;
  bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return bits ^ (bits >> 33);
}

/// By itself, so that a record which is right is made without the frame that a throw needs.
[[noreturn, gnu::noinline]] void refuse(const RecordHeader& header, const Payload& payload) {
  if (header.key.size() > limits::key_bytes_max) {
    throw BadRecord(over_limit("the key", header.key.size(), "key_bytes_max", limits::key_bytes_max));
  }
  const auto header_bytes = header.headers.packed().size();
  if (header_bytes > limits::header_bytes_max) {
    throw BadRecord(over_limit("the headers", header_bytes, "header_bytes_max", limits::header_bytes_max));
  }
  throw BadRecord(over_limit("the payload", payload.bytes.size(), "payload_bytes_max", limits::payload_bytes_max));
}

bool within_limits(const RecordHeader& header, const Payload& payload) noexcept {
  return header.key.size() <= limits::key_bytes_max && header.headers.packed().size() <= limits::header_bytes_max &&
         payload.bytes.size() <= limits::payload_bytes_max;
}

/// Copies `text` to `out`, advances it, and returns the copy.
std::string_view put(std::string_view text, char*& out) noexcept {
  if (text.empty()) return {};
  std::memcpy(out, text.data(), text.size());
  return {std::exchange(out, out + text.size()), text.size()};
}

}  // namespace

BadRecord::BadRecord(const std::string& what) : std::runtime_error(what) {}
BadRecord::~BadRecord() = default;

RecordId RecordId::derived(std::uint64_t ordinal) const noexcept {
  const auto child_low = mix(low ^ mix(ordinal + 0x9e3779b97f4a7c15ULL));
  return {mix(high + child_low), child_low};
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
  std::optional<std::string_view> found;
  each([&](std::string_view candidate, std::string_view value) {
    if (!found && candidate == name) found = value;
  });
  return found;
}

std::optional<errc> HeaderBuilder::add(std::string_view name, std::string_view value) {
  if (name.empty() || name.find('\0') != name.npos || value.find('\0') != value.npos) return errc::bad_record;
  if (count_ == limits::header_count_max) return errc::too_large;
  const auto room = limits::header_bytes_max - packed_.size();
  if (name.size() > room || value.size() > room || name.size() + value.size() + 2 > room) return errc::too_large;
  packed_.append(name).push_back('\0');
  packed_.append(value).push_back('\0');
  ++count_;
  return std::nullopt;
}

Record::Record(const RecordHeader& header, const Payload& payload) {
  if (!within_limits(header, payload)) [[unlikely]]
    refuse(header, payload);
  const bool copies_much = !payload.owner && payload.bytes.size() > copied_bytes_max;
  block_ = copies_much ? make_shared(header, payload) : make(header, payload);
}

/// With a buffer of its own for the payload, which changed copies share.
[[gnu::noinline]] Record::Block* Record::make_shared(const RecordHeader& header, const Payload& payload) {
  return make(header, Payload::share(Buffer::copy_of(payload.bytes), payload.content));
}

[[gnu::always_inline]] inline Record::Block* Record::make(const RecordHeader& header, const Payload& payload) {
  static_assert(sizeof(Block) == 3 * 64, "three cache lines: see docs/decisions/0008-what-a-record-costs.md");
  const auto size = payload.bytes.size();
  const bool copies = !payload.owner;
  const auto packed = header.headers.packed();
  const auto front = aligned_up(sizeof(Block) + header.key.size() + packed.size());
  const auto allocated = front + (copies ? size : 0);
  auto* memory = static_cast<std::byte*>(allocate_bytes(allocated));
  auto* block = new (memory) Block(static_cast<std::uint32_t>(allocated), payload.owner, header);
  block->header.content = payload.content;
  if (header.key.size() + packed.size() != 0) {
    auto* tail = reinterpret_cast<char*>(block + 1);
    block->header.key = put(header.key, tail);
    block->header.headers = Headers(put(packed, tail));
  }
  if (!copies) {
    block->payload = payload.bytes;
  } else if (size != 0) {
    block->payload = {static_cast<std::byte*>(std::memcpy(memory + front, payload.bytes.data(), size)), size};
  }
  return block;
}

void Record::destroy(Block* block) noexcept {
  const auto allocated = block->allocated;
  block->~Block();
  release_block(block, allocated);
}

std::size_t Record::pinned_bytes() const noexcept {
  return block_->allocated + block_->owner.bytes().size();
}

Record Record::with(const Payload& payload) const {
  return {header(), payload};
}

/// Another header over the same bytes.
Record Record::changed(const RecordHeader& header) const {
  return {header, {content(), bytes(), block_->owner}};
}

Record Record::with_id(RecordId id) const {
  auto header = this->header();
  header.id = id;
  return changed(header);
}

Record Record::with_key(std::string_view key) const {
  auto header = this->header();
  header.key = key;
  return changed(header);
}

}  // namespace skep
