#pragma once
// One piece of user data on its way through a swarm, with what routes, orders, times and answers it.
//
// A Record is a handle of one pointer to an immutable, reference-counted block: header, then a small payload. Pass it
// by value; copying it copies no bytes. A change makes a new block (`with`). It is encoded only at a border. Threads:
// handles may be copied and released on any thread.

#include <cassert>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "skep/serialization/errc.hpp"
#include "skep/serialization/payload.hpp"
#include "skep/serialization/prefetch.hpp"
#include "skep/serialization/reference_count.hpp"

namespace skep {

/// Thrown by readers of a payload (`as<T>()`, `tensor()`) that does not hold what it should, and by bees that find
/// so themselves, as in JSON. Out of a bee it costs only the record: its client is told, the bee lives.
class BadRecord : public std::runtime_error {
 public:
  explicit BadRecord(const std::string& what);
  ~BadRecord() override;
};

struct RecordId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  /// The id of the `ordinal`-th extra output of a record with this id; the same for a re-run.
  [[nodiscard]] RecordId derived(std::uint64_t ordinal) const noexcept;
  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

/// Which request of which client of which gateway a record answers to.
struct Origin {
  std::uint32_t node = 0;
  std::uint32_t gateway = 0;
  std::uint64_t incarnation = 0;  ///< random for each start of the gateway
  std::uint64_t session = 0;
  std::uint64_t request = 0;  ///< 0: nobody waits for an answer

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// W3C trace context.
struct Trace {
  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  std::uint8_t flags = 0;

  friend bool operator==(const Trace&, const Trace&) = default;
};

/// A few small named values, packed: `name '\0' value '\0'` each. A view; built with HeaderBuilder.
class Headers {
 public:
  Headers() = default;
  explicit Headers(std::string_view packed) : packed_(packed) {}

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view packed() const noexcept { return packed_; }
  [[nodiscard]] bool empty() const noexcept { return packed_.empty(); }

  /// Calls `visit(name, value)` for each, in the order they were added.
  template <class Visit>
  void each(Visit&& visit) const {
    for (auto rest = packed_; !rest.empty();) {
      const auto name = rest.substr(0, rest.find('\0'));
      rest.remove_prefix(name.size() + 1);
      const auto value = rest.substr(0, rest.find('\0'));
      rest.remove_prefix(value.size() + 1);
      visit(name, value);
    }
  }

 private:
  std::string_view packed_;
};

class HeaderBuilder {
 public:
  /// Errors: `errc::too_large` past limits::header_count_max or header_bytes_max; `errc::bad_record` for a NUL or an
  /// empty name. Nothing is added then.
  std::optional<errc> add(std::string_view name, std::string_view value);
  [[nodiscard]] Headers view() const noexcept { return Headers(packed_); }

 private:
  std::string packed_;
  std::size_t count_ = 0;
};

using EventTime = std::chrono::sys_time<std::chrono::nanoseconds>;
using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline no_deadline = Deadline::max();

/// The header as a value of views: what a record is made from, and what it shows of itself.
struct RecordHeader {
  Deadline deadline = no_deadline;  ///< first, so that what every bee looks at is one cache line of a record
  RecordId root;                    ///< given by the gateway; kept through the whole swarm; joins use it
  RecordId id;                      ///< kept when a record is forwarded
  std::string_view key;             ///< partitions and orders; at most limits::key_bytes_max
  EventTime event_time{};           ///< the epoch itself: none
  Headers headers;
  Content content;
  Origin origin;
  [[no_unique_address]] Trace trace;
  /// Of the swarm that admitted it. Lies in the padding of `trace`, which is therefore to be assigned, never written
  /// by memcpy or made anew in place.
  std::uint32_t revision = 0;
};

template <class T>
class TypedView;
class TensorView;
struct Failure;

class Record {
 public:
  Record() noexcept = default;  ///< holds nothing; only assignment and `operator bool` are allowed
  /// Copies the views in `header` and a borrowed payload into one new block, a payload above 1 KiB into a buffer of its
  /// own; shares an owned payload.
  /// `header.content` is replaced by the payload's. Throws std::bad_alloc, and BadRecord for a key, headers or
  /// payload over their limits: what comes from clients is checked before.
  Record(const RecordHeader& header, const Payload& payload);

  Record(const Record& other) noexcept : block_(other.block_) { retain(); }
  Record(Record&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Record& operator=(const Record& other) noexcept { return *this = Record(other); }
  Record& operator=(Record&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Record() { release(); }

  explicit operator bool() const noexcept { return block_ != nullptr; }

  [[nodiscard]] const RecordHeader& header() const noexcept;
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept;
  [[nodiscard]] std::string_view text() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return bytes().size(); }  ///< payload bytes
  [[nodiscard]] std::size_t pinned_bytes() const noexcept;                    ///< memory it keeps alive

  [[nodiscard]] const RecordId& id() const noexcept { return header().id; }
  [[nodiscard]] const RecordId& root() const noexcept { return header().root; }
  [[nodiscard]] std::string_view key() const noexcept { return header().key; }
  [[nodiscard]] Deadline deadline() const noexcept { return header().deadline; }
  [[nodiscard]] const Origin& origin() const noexcept { return header().origin; }
  [[nodiscard]] const Content& content() const noexcept { return header().content; }

  /// The same record with other bytes: keeps root, id, key, times, trace, headers and origin.
  [[nodiscard]] Record with(const Payload& payload) const;
  [[nodiscard]] Record with_id(RecordId id) const;
  [[nodiscard]] Record with_key(std::string_view key) const;
  /// The error that answers this record's client. `message` is for people.
  [[nodiscard]] Record failure(errc code, std::string_view message) const;

  /// Fetches what a bee mostly touches: another core may have it.
  void prefetch() const noexcept;
  /// The same for who reads a small payload, too, and lets the record go.
  void prefetch_with_payload() const noexcept;
  /// A copy, and its end, for a thread to which this very handle and `other` belong alone: no locked instruction where
  /// they are the only ones.
  [[nodiscard]] Record copy_unshared() noexcept;
  void release_beside(Record& other) noexcept;

  /// Reads the payload in place as a Cap'n Proto struct. Include "skep/serialization/typed.hpp". Throws BadRecord;
  /// so do, out of a bee, the getters of what it returns.
  template <class T>
  [[nodiscard]] TypedView<T> as() const;
  /// Reads the payload in place as a tensor. Include "skep/serialization/tensor.hpp". Throws BadRecord.
  [[nodiscard]] TensorView tensor() const;
  /// Where `content().kind` is `error`. Throws BadRecord. Include "skep/serialization/failure.hpp".
  [[nodiscard]] Failure as_failure() const;

 private:
  struct Block;
  explicit Record(Block* block) noexcept : block_(block) {}
  [[nodiscard]] static Block* make(const RecordHeader& header, const Payload& payload);
  [[nodiscard]] static Block* make_shared(const RecordHeader& header, const Payload& payload);
  [[nodiscard]] Record changed(const RecordHeader& header) const;
  static void destroy(Block* block) noexcept;
  void retain() const noexcept;
  void release() const noexcept;

  Block* block_ = nullptr;
};

static_assert(sizeof(Record) == sizeof(void*));

/// One allocation: this, then the key, the packed headers and, 64-aligned, a small payload that is not shared. It takes
/// three cache lines, and fetching those is most of what a record costs that goes from one core to another.
struct Record::Block {
  /// Written member by member: gcc would fill an aggregate with zeros first, which costs more than all the rest.
  Block(std::uint32_t bytes, const Buffer& shared, const RecordHeader& from)
      : allocated(bytes), owner(shared), header(from) {}

  ReferenceCount references;
  std::uint32_t allocated = 0;         ///< bytes of this allocation
  std::span<const std::byte> payload;  ///< behind this, or in `owner`
  Buffer owner;
  RecordHeader header;  ///< its views point behind this
};

inline const RecordHeader& Record::header() const noexcept {
  assert(block_ != nullptr);
  return block_->header;
}

inline std::span<const std::byte> Record::bytes() const noexcept {
  assert(block_ != nullptr);
  return block_->payload;
}

inline std::string_view Record::text() const noexcept {
  const auto view = bytes();
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

inline void Record::prefetch() const noexcept {
  constexpr auto own_payload = sizeof(Block);  // where it is without key and headers
  prefetch_to_write(block_);
  __builtin_prefetch(reinterpret_cast<const std::byte*>(block_) + own_payload);
}

inline void Record::prefetch_with_payload() const noexcept {
  constexpr std::size_t line = 64, fetched = sizeof(Block) + 3 * line;  // a key, and then some 100 bytes, aligned
  const auto* block = reinterpret_cast<const std::byte*>(block_);
  prefetch_to_write(block);
  for (std::size_t at = line; at < fetched; at += line) __builtin_prefetch(block + at);
}

inline Record Record::copy_unshared() noexcept {
  if (block_ != nullptr) block_->references.add_unshared();
  return Record(block_);
}

inline void Record::release_beside(Record& other) noexcept {
  if (block_ == nullptr || block_ != other.block_ || this == &other) return;
  std::exchange(block_, nullptr)->references.drop_unshared();
}

inline void Record::retain() const noexcept {
  if (block_ != nullptr) block_->references.add();
}

inline void Record::release() const noexcept {
  if (block_ != nullptr && block_->references.drop()) destroy(block_);
}

}  // namespace skep
