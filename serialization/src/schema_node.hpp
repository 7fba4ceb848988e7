#pragma once
// One struct or enum of a schema, read and judged: whether a payload may be made of it.

#include <capnp/message.h>
#include <capnp/schema.capnp.h>
#include <kj/array.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep {

/// A schema that cannot be used: thrown among the files that read schemas.
struct SchemaRefused {
  Error error;
};

[[noreturn]] void refuse_schema(errc code, std::string why);

enum class NodeKind : std::uint8_t { structure, group, enumeration };

class OpenNode {
 public:
  /// What a field of it is of.
  struct Part {
    std::uint64_t id;
    NodeKind kind;
  };

  /// `bytes`: see SchemaNode. Throws SchemaRefused.
  explicit OpenNode(std::string_view bytes);

  [[nodiscard]] capnp::schema::Node::Reader node() { return root_; }
  [[nodiscard]] std::string name() const;  ///< "Station.Reading"
  [[nodiscard]] std::string file() const;
  [[nodiscard]] bool is_group() const { return kind() == NodeKind::group; }
  [[nodiscard]] NodeKind kind() const;  ///< of one that `check` takes

  /// Throws SchemaRefused for a node that is neither struct nor enum, for fields that no payload may have, and for
  /// offsets with which SchemaLoader's own sums, of 32 bits, would wrap.
  void check() const;
  /// Structs and enums that its fields are of.
  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  /// Of `parts`, its groups.
  [[nodiscard]] const std::vector<std::uint64_t>& groups() const noexcept { return groups_; }

 private:
  void find_parts(capnp::schema::Type::Reader type);
  void check_names() const;
  void check_type(capnp::schema::Type::Reader type, const std::string& field) const;

  kj::Array<capnp::word> words_;
  kj::ArrayPtr<const capnp::word> segment_;
  capnp::SegmentArrayMessageReader reader_;
  capnp::schema::Node::Reader root_;
  std::vector<Part> parts_;
  std::vector<std::uint64_t> groups_;
};

/// "schema/reading.capnp" and "Station.Reading" of "schema/reading.capnp:Station.Reading".
[[nodiscard]] std::string file_of(std::string_view display_name);
[[nodiscard]] std::string name_of(std::string_view display_name);

}  // namespace skep
