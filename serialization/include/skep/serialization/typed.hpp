#pragma once
// Reads a record's payload in place as a Cap'n Proto struct.

#include <capnp/generated-header-support.h>
#include <capnp/message.h>
#include <capnp/serialize.h>

#include "skep/serialization/record.hpp"

namespace skep {

/// Checks the segment table (limits::capnp_segments_max, exact length) and alignment. Throws BadRecord.
[[nodiscard]] kj::ArrayPtr<const capnp::word> message_words(std::span<const std::byte> bytes);
[[nodiscard]] capnp::ReaderOptions reader_options(std::size_t words) noexcept;
/// Throws BadRecord unless `record` holds Cap'n Proto of schema `schema` (or of no declared schema).
void require_schema(const Record& record, std::uint64_t schema);

/// `T::Reader`, and the record it reads from. Neither copied nor moved: returned by value, used in place.
template <class T>
class TypedView : private capnp::FlatArrayMessageReader, public T::Reader {
 public:
  explicit TypedView(Record record) : TypedView(std::move(record), 0) {}
  TypedView(const TypedView&) = delete;
  TypedView& operator=(const TypedView&) = delete;

 private:
  TypedView(Record&& record, int)
      : capnp::FlatArrayMessageReader(message_words(record.bytes()), reader_options(record.size() / 8)),
        T::Reader(this->template getRoot<T>()),
        record_(std::move(record)) {}

  Record record_;
};

template <class T>
TypedView<T> Record::as() const {
  require_schema(*this, capnp::typeId<T>());
  return TypedView<T>(*this);
}

/// The payload of a record of type `T`.
template <class T>
[[nodiscard]] Payload typed_payload(capnp::MessageBuilder& message) {
  return Payload::message(message, {ContentKind::capnp, capnp::typeId<T>()});
}

}  // namespace skep
