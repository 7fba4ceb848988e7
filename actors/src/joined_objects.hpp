#pragma once
// JSON objects made one: the fields of all. Pure.

#include <span>
#include <string>
#include <string_view>

namespace skep {

/// In the order in which fields first come. A field that several have must be the same in all; of two equal names in
/// one object the first counts. Throws BadRecord: what is no object, or differs, is named.
[[nodiscard]] std::string joined_objects(std::span<const std::string_view> objects);

}  // namespace skep
