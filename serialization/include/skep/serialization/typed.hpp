#pragma once
// Reads a record's payload in place as a Cap'n Proto struct.

#include <capnp/generated-header-support.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "skep/serialization/payload_type.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// Checks the segment table (limits::capnp_segments_max, exact length). Throws BadRecord.
/// Precondition (asserted): `bytes` are 8-aligned.
[[nodiscard]] kj::ArrayPtr<const capnp::word> message_words(std::span<const std::byte> bytes);
[[nodiscard]] capnp::ReaderOptions reader_options(std::size_t words) noexcept;

/// A payload is of another type than it was read as. A runner of bees, who knows both names, says them.
class WrongType : public BadRecord {
 public:
  WrongType(std::uint64_t got, const std::string& wanted_name);
  ~WrongType() override;
  [[nodiscard]] std::uint64_t got() const noexcept { return got_; }
  [[nodiscard]] const std::string& wanted_name() const noexcept { return wanted_name_; }

 private:
  std::uint64_t got_;
  std::string wanted_name_;
};

/// Whether `record` holds Cap'n Proto of schema `schema`, or of no declared schema. A tensor is of its own.
[[nodiscard]] bool holds(const Record& record, std::uint64_t schema) noexcept;
/// Throws BadRecord, with what `record` is and what it was to be.
[[noreturn]] void refuse_type(const Record& record, const capnp::_::RawSchema& wanted);

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
    } catch (const kj::Exception&) {
      rethrow();
    }
  }
  [[nodiscard]] capnp::MessageReader& reader() noexcept { return reader_; }
  /// The one whose bytes are read.
  [[nodiscard]] const Record& record() const noexcept { return record_; }

 private:
  [[noreturn]] static void rethrow();

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
  static_assert(CapnpStruct<T>, "as<T>() reads a struct of a Cap'n Proto schema");
  if (!holds(*this, capnp::typeId<T>())) refuse_type(*this, *T::_capnpPrivate::schema);
  return TypedView<T>(*this);
}

/// The payload of a record of type `T`.
template <class T>
[[nodiscard]] Payload typed_payload(capnp::MessageBuilder& message) {
  return Payload::message(message, {ContentKind::capnp, capnp::typeId<T>()});
}

/// The same, built by `fill(T::Builder)`: `Payload::build<Alarm>([&](Alarm::Builder alarm) { alarm.setLevel(3); })`.
template <class T, class Fill>
Payload Payload::build(Fill&& fill) {
  static_assert(CapnpStruct<T>, "build<T>() builds a struct of a Cap'n Proto schema");
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<T>());
  return typed_payload<T>(message);
}

}  // namespace skep
