#include "record_document.hpp"

#include "skep/serialization/payload_types.hpp"

namespace skep {

std::string json_of(const Record& record, const BeeContext& context) {
  const auto* types = context.payload_types();
  if (types == nullptr) throw BadRecord("the payload is capnp, and no bee of its swarm says of which type");
  auto json = types->to_json(record);
  if (!json) throw BadRecord(json.error().message);
  return std::move(*json);
}

JsonDocument document_of(const Record& record, const BeeContext& context) {
  if (record.content().kind != ContentKind::capnp) return read_json(record.text());
  return read_json(json_of(record, context));
}

}  // namespace skep
