#pragma once
// Reads a record's payload in place as a Cap'n Proto struct.

#include <capnp/generated-header-support.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "skep/serialization/record.hpp"

namespace skep {

/// Checks the segment table (limits::capnp_segments_max, exact length). Throws BadRecord.
/// Precondition (asserted): `bytes` are 8-aligned.
[[nodiscard]] kj::ArrayPtr<const capnp::word> message_words(std::span<const std::byte> bytes);
[[nodiscard]] capnp::ReaderOptions reader_options(std::size_t words) noexcept;
/// Throws BadRecord unless `record` holds Cap'n Proto of schema `schema` (or of no declared schema).
void require_schema(const Record& record, std::uint64_t schema);

/// A record that is read as a Cap'n Proto message. A payload at an odd address (a slice) is copied once.
class OpenMessage {
 public:
  explicit OpenMessage(Record record);

  /// Throws BadRecord.
  template <class T>
  [[nodiscard]] typename T::Reader root() {
    return read([&] { return reader_.getRoot<T>(); });
  }
  /// Runs getters; what they throw becomes BadRecord.
  template <class Body>
  decltype(auto) read(Body&& body) {
    try {
      return body();
    } catch (const kj::Exception& exception) {
      rethrow(exception);
    }
  }
  /// The one whose bytes are read.
  [[nodiscard]] const Record& record() const noexcept { return record_; }

 private:
  [[noreturn]] static void rethrow(const kj::Exception& exception);

  Record record_;
  capnp::FlatArrayMessageReader reader_;
};

/// `T::Reader`, and the record it reads from. Neither copied nor moved: returned by value, used in place.
template <class T>
class TypedView : public T::Reader {
 public:
  explicit TypedView(Record record) : message_(std::move(record)) {
    static_cast<typename T::Reader&>(*this) = message_.template root<T>();
  }
  TypedView(const TypedView&) = delete;
  TypedView& operator=(const TypedView&) = delete;

 private:
  OpenMessage message_;
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
