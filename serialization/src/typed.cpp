#include "skep/serialization/typed.hpp"

#include <cassert>
#include <cstring>
#include <string>

#include "skep/schema/tensor.capnp.h"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/malformed.hpp"

namespace skep {
namespace {

bool is_aligned(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % sizeof(capnp::word) == 0;
}

Record aligned(Record record) {
  if (is_aligned(record.bytes())) return record;
  return record.with(Payload::borrow(record.bytes(), record.content()));
}

std::uint32_t read_u32(const std::byte* at) noexcept {
  std::uint32_t number = 0;
  std::memcpy(&number, at, sizeof number);
  return number;
}

/// Words that the segment table says the message has, itself included.
std::uint64_t declared_words(std::span<const std::byte> bytes) {
  const std::uint64_t segments = std::uint64_t{read_u32(bytes.data())} + 1;
  if (segments > limits::capnp_segments_max) {
    throw BadRecord(over_limit("the message", segments, "capnp_segments_max", limits::capnp_segments_max, "segments"));
  }
  std::uint64_t words = segments / 2 + 1;
  if (words * sizeof(capnp::word) > bytes.size()) throw BadRecord("the message ends within its segment table");
  for (std::uint64_t i = 1; i <= segments; ++i) words += read_u32(bytes.data() + i * sizeof(std::uint32_t));
  return words;
}

}  // namespace

kj::ArrayPtr<const capnp::word> message_words(std::span<const std::byte> bytes) {
  assert(is_aligned(bytes));
  if (bytes.empty()) throw BadRecord("the message is empty");
  if (bytes.size() % sizeof(capnp::word) != 0) throw BadRecord("the message is no whole number of words");
  const auto words = bytes.size() / sizeof(capnp::word);
  const auto declared = declared_words(bytes);
  if (declared != words) {
    throw BadRecord("the message has " + counted(words, "word") + "; its segment table says " +
                    std::to_string(declared));
  }
  return {reinterpret_cast<const capnp::word*>(bytes.data()), words};
}

capnp::ReaderOptions reader_options(std::size_t words) noexcept {
  return {limits::capnp_traversal_factor * words + limits::capnp_traversal_words_min,
          static_cast<int>(limits::capnp_nesting_max)};
}

WrongType::WrongType(std::uint64_t got, const std::string& wanted_name)
    : BadRecord("the payload is of another type than " + wanted_name), got_(got), wanted_name_(wanted_name) {}

WrongType::~WrongType() = default;

bool holds(const Record& record, std::uint64_t schema) noexcept {
  const auto content = record.content();
  if (content.kind == ContentKind::tensor) return schema == capnp::typeId<wire::Tensor>();
  return content.kind == ContentKind::capnp && (content.schema == 0 || content.schema == schema);
}

void refuse_type(const Record& record, const capnp::_::RawSchema& wanted) {
  const auto content = record.content();
  const auto name = detail::compiled_name(wanted);
  if (content.kind == ContentKind::capnp) throw WrongType(content.schema, name);
  throw BadRecord("the payload is " + std::string(to_string(content.kind)) + ", not " + name + " (capnp)");
}

OpenMessage::OpenMessage(Record record)
    : record_(aligned(std::move(record))),
      reader_(message_words(record_.bytes()), reader_options(record_.size() / sizeof(capnp::word))) {}

void OpenMessage::rethrow() {
  throw BadRecord(std::string("malformed message: ") + why_malformed);
}

}  // namespace skep
