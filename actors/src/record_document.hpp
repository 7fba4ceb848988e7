#pragma once
// A record as the JSON document that a ready-made bee looks at: JSON as it came, a Cap'n Proto record by its schema.

#include <string>

#include "skep/actors/bee.hpp"
#include "skep/serialization/json.hpp"

namespace skep {

/// The JSON of a Cap'n Proto record. Throws BadRecord.
[[nodiscard]] std::string json_of(const Record& record, const BeeContext& context);

/// Throws BadRecord.
[[nodiscard]] JsonDocument document_of(const Record& record, const BeeContext& context);

}  // namespace skep
