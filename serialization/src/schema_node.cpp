#include "schema_node.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <cstring>

#include "capnp_text.hpp"
#include "skep/serialization/framing.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

using capnp::schema::Type;

constexpr std::uint32_t offset_max = 64 * 0xFFFF;  // of a Bool in the largest struct
constexpr int nesting_max = 32;                    // of the node itself: types in types

kj::Array<capnp::word> words_of(std::string_view bytes) {
  if (bytes.size() > limits::schema_node_bytes_max) {
    refuse_schema(errc::too_large,
                  over_limit("a schema", bytes.size(), "schema_node_bytes_max", limits::schema_node_bytes_max));
  }
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    refuse_schema(errc::bad_record, "a schema is no whole number of words");
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), bytes.data(), bytes.size());
  return words;
}

}  // namespace

void refuse_schema(errc code, std::string why) {
  throw SchemaRefused{{code, std::move(why)}};
}

std::string file_of(std::string_view display_name) {
  const auto colon = display_name.rfind(':');
  return std::string(display_name.substr(0, colon == std::string_view::npos ? 0 : colon));
}

std::string name_of(std::string_view display_name) {
  const auto colon = display_name.rfind(':');
  return std::string(display_name.substr(colon == std::string_view::npos ? 0 : colon + 1));
}

OpenNode::OpenNode(std::string_view bytes)
    : words_(words_of(bytes)),
      segment_(words_),
      reader_(kj::arrayPtr(&segment_, 1), {64 * words_.size() + 1024, nesting_max}),
      root_() {
  try {
    root_ = reader_.getRoot<capnp::schema::Node>();
    if (!root_.isStruct()) return;
    for (const auto field : root_.getStruct().getFields()) {
      if (field.isGroup()) {
        groups_.push_back(field.getGroup().getTypeId());
        parts_.push_back({groups_.back(), NodeKind::group});
      } else {
        find_parts(field.getSlot().getType());
      }
    }
  } catch (const kj::Exception&) {
    refuse_schema(errc::bad_record, "a schema is malformed");
  }
}

void OpenNode::find_parts(Type::Reader type) {
  while (type.isList()) type = type.getList().getElementType();
  if (type.isStruct()) parts_.push_back({type.getStruct().getTypeId(), NodeKind::structure});
  if (type.isEnum()) parts_.push_back({type.getEnum().getTypeId(), NodeKind::enumeration});
}

std::string OpenNode::name() const {
  return name_of(view(root_.getDisplayName()));
}

std::string OpenNode::file() const {
  return file_of(view(root_.getDisplayName()));
}

NodeKind OpenNode::kind() const {
  if (!root_.isStruct()) return NodeKind::enumeration;
  return root_.getStruct().getIsGroup() ? NodeKind::group : NodeKind::structure;
}

void OpenNode::check() const {
  try {
    const auto what = "'" + name() + "'";
    if (root_.getIsGeneric())
      refuse_schema(errc::incompatible, what + " is generic: a payload's structs have no parameters");
    check_names();
    if (root_.isEnum()) return;
    if (!root_.isStruct()) refuse_schema(errc::incompatible, what + " is neither a struct nor an enum");
    const auto structure = root_.getStruct();
    std::size_t members = 0;  // of its union
    bool fits = structure.getDiscriminantOffset() <= offset_max;
    for (const auto field : structure.getFields()) {
      members += field.getDiscriminantValue() != capnp::schema::Field::NO_DISCRIMINANT ? 1 : 0;
      fits = fits && (field.isGroup() || (field.isSlot() && field.getSlot().getOffset() <= offset_max));
      if (field.isSlot()) check_type(field.getSlot().getType(), std::string(view(field.getName())));
    }
    if (!fits || members != structure.getDiscriminantCount()) refuse_schema(errc::bad_record, "a schema is malformed");
  } catch (const kj::Exception&) {
    refuse_schema(errc::bad_record, "a schema is malformed");
  }
}

/// Those that the compiler takes, and no others: they stand in JSON and in messages as they are. And SchemaLoader reads
/// those of a node that it finds wrong for its own message, and would not survive another mistake in them.
void OpenNode::check_names() const {
  const auto check = [](capnp::Text::Reader text) {
    const auto letter = [](char each) { return (each | 0x20) >= 'a' && (each | 0x20) <= 'z'; };
    const auto part = [&](char each) { return letter(each) || (each >= '0' && each <= '9') || each == '_'; };
    const auto name = view(text);
    if (!name.empty() && letter(name.front()) && std::ranges::all_of(name, part)) return;
    refuse_schema(errc::bad_record, "a schema is malformed");
  };
  const auto shown = view(root_.getDisplayName());
  const auto control = [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7F; };
  if (!is_utf8(shown) || std::ranges::any_of(shown, control)) refuse_schema(errc::bad_record, "a schema is malformed");
  if (root_.isEnum()) {
    for (const auto enumerant : root_.getEnum().getEnumerants()) check(enumerant.getName());
  } else if (root_.isStruct()) {
    for (const auto field : root_.getStruct().getFields()) check(field.getName());
  }
}

void OpenNode::check_type(Type::Reader type, const std::string& field) const {
  while (type.isList()) type = type.getList().getElementType();
  const auto refuse_field = [&](const std::string& what) {
    refuse_schema(errc::incompatible, "field '" + field + "' of '" + name() + "' is " + what +
                                          ": a payload has fields that every reader can read by its schema");
  };
  if (type.isAnyPointer()) refuse_field("an AnyPointer");
  if (type.isInterface()) refuse_field("an interface");
  if (type.which() > Type::ANY_POINTER) refuse_field("of a kind that is not known here");
  const bool branded = (type.isStruct() && type.getStruct().getBrand().getScopes().size() > 0) ||
                       (type.isEnum() && type.getEnum().getBrand().getScopes().size() > 0);
  if (branded) refuse_field("of a generic type");
}

}  // namespace skep
