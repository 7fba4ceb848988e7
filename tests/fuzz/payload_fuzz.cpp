// Payload types: the first byte says whether the rest is JSON to be made into a record, or a message from outside.

#include "fuzz_input.hpp"
#include "schema/every.capnp.h"
#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/typed.hpp"

namespace {

using namespace skep;

std::shared_ptr<const PayloadTypes> make_types() {
  SchemaTable table;
  fuzz::require(table.add(PayloadType::of<test::Every>(), "").ok());
  auto types = PayloadTypes::of(table);
  fuzz::require(types.ok());
  return *types;
}

constexpr auto every = capnp::typeId<test::Every>();

/// What is accepted can be shown, and what is shown is accepted and shown the same.
void read_json(const PayloadTypes& types, std::string_view text) {
  const auto payload = types.from_json(every, text);
  if (!payload) return fuzz::require(!payload.error().message.empty());
  const Record record({}, *payload);
  fuzz::require(types.check(every, record).ok());
  const auto shown = types.to_json(record);
  fuzz::require(shown.ok());
  const auto again = types.from_json(every, *shown);
  fuzz::require(again.ok());
  const auto same = types.to_json(Record({}, *again));
  fuzz::require(same.ok() && *same == *shown);
}

void read_message(const PayloadTypes& types, std::string_view bytes) {
  const Record record({}, Payload::borrow(std::as_bytes(std::span(bytes)), {ContentKind::capnp, every}));
  const auto checked = types.check(every, record);
  const auto shown = types.to_json(record);
  // What was checked can be shown, but for NaN and infinities, and for what is read in more than one place.
  if (checked && !shown) fuzz::require(!shown.error().message.empty());
  for (const auto* path : {"$.text", "$.point.x", "$.shape.box.width", "$.inner.level", "$.self.i64"}) {
    const auto field = types.field(every, path);
    fuzz::require(field.ok());
    static_cast<void>(types.read(record, *field));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto types = make_types();
  if (size == 0) return 0;
  const auto rest = fuzz::text_of(data + 1, size - 1);
  data[0] == 'm' ? read_message(*types, rest) : read_json(*types, rest);
  return 0;
}
