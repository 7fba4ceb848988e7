#pragma once
// A Cap'n Proto message as JSON, and the check of one from outside, by the plan of its struct.

#include <capnp/dynamic.h>

#include <string>
#include <string_view>

#include "struct_plan.hpp"
#include "value_path.hpp"

namespace skep {

/// Appends. Throws Unconvertible; kj::Exception for a malformed message.
void append_json(capnp::DynamicStruct::Reader from, const StructPlan& plan, std::string& out);

/// Of one field that is there: `path` as "place.room", for what is wrong with it.
void append_json(capnp::DynamicStruct::Reader from, const FieldPlan& field, std::string_view path, std::string& out);

/// Reads every part. Throws Unconvertible for text that is not UTF-8; kj::Exception for a malformed message.
void check_message(capnp::DynamicStruct::Reader from, const StructPlan& plan);

}  // namespace skep
