#include "skep/serialization/schema_table.hpp"

#include <capnp/raw-schema.h>
#include <capnp/schema-loader.h>
#include <kj/exception.h>

#include <algorithm>
#include <utility>

#include "schema_node.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

using Entry = SchemaTable::Entry;
using Entries = std::map<std::uint64_t, Entry>;

/// What only reading it a second time has shown.
Error malformed() {
  return {errc::bad_record, "a schema is malformed"};
}

std::string_view bytes_of(const capnp::_::RawSchema& schema) {
  return {reinterpret_cast<const char*>(schema.encodedNode), schema.encodedSize * sizeof(capnp::word)};
}

/// Grows from version to version of one type: its fields and their room, or the names of an enum.
std::size_t extent(capnp::schema::Node::Reader node) {
  if (node.isEnum()) return node.getEnum().getEnumerants().size();
  const auto structure = node.getStruct();
  return std::size_t{structure.getFields().size()} + structure.getDataWordCount() + structure.getPointerCount();
}

std::string of(const std::string& from) {
  return from.empty() ? std::string(" of this program") : " of " + from;
}

/// Which of two versions of one type stays. Throws SchemaRefused if they are none.
bool is_newer(OpenNode& added, const Entry& known, const std::string& from) {
  OpenNode old(known.bytes);
  const auto differ = [&] {
    refuse_schema(errc::incompatible,
                  "'" + added.name() + "' (" + added.file() + ")" + of(from) + " and '" + known.name + "' (" +
                      known.file + ")" + of(known.from) +
                      " have one id and are not versions of one type: build both from one schema, or "
                      "give one of them an id of its own");
  };
  if (old.kind() != added.kind()) differ();
  try {
    capnp::SchemaLoader loader;
    loader.load(old.node());
    loader.load(added.node());
  } catch (const kj::Exception&) {
    differ();
  }
  return extent(added.node()) > extent(old.node());
}

/// All nodes, of which those in `added` are new. A group belongs to the one struct that has it, and shares its layout:
/// else writing its fields would write past that struct.
class Whole {
 public:
  Whole(const Entries& known, const Entries& added) : known_(known), added_(added) {}

  void check() {
    for (const auto& [id, entry] : added_) check(id, entry);
    load();
  }

 private:
  [[nodiscard]] const Entry* find(std::uint64_t id) const {
    const auto added = added_.find(id);
    if (added != added_.end()) return &added->second;
    const auto known = known_.find(id);
    return known == known_.end() ? nullptr : &known->second;
  }

  [[nodiscard]] NodeKind kind_of(std::uint64_t id, const Entry& entry) {
    const auto known = kinds_.find(id);
    return known != kinds_.end() ? known->second : kinds_.emplace(id, OpenNode(entry.bytes).kind()).first->second;
  }

  void check(std::uint64_t id, const Entry& entry) {
    OpenNode parent(entry.bytes);
    for (const auto part : parent.parts()) {
      const auto* its = find(part.id);
      if (its == nullptr) refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' lacks some of its parts");
      if (kind_of(part.id, *its) != part.kind) {
        refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' has a field of something else");
      }
    }
    if (parent.is_group()) check_group_of(parent, id, entry);
    auto groups = parent.groups();
    std::ranges::sort(groups);
    const bool twice = std::ranges::adjacent_find(groups) != groups.end();
    if (twice) refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' has a group twice");
    for (const auto group : groups) check_group(parent, group);
  }

  /// A group that comes alone must still fit its struct: writing its fields writes there.
  void check_group_of(OpenNode& group, std::uint64_t id, const Entry& entry) {
    auto scope = group.node().getScopeId();
    const auto* parent = find(scope);
    if (parent == nullptr) refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' is a group of nothing");
    OpenNode whole(parent->bytes);
    check_group(whole, id);
    // Groups in groups end at a struct, or they would be in themselves.
    std::set<std::uint64_t> inside{id};
    for (const auto* outer = parent; kind_of(scope, *outer) == NodeKind::group;) {
      if (!inside.insert(scope).second) {
        refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' has a group in itself");
      }
      scope = OpenNode(outer->bytes).node().getScopeId();
      outer = find(scope);
      if (outer == nullptr) refuse_schema(errc::bad_record, "the schema of '" + entry.name + "' is a group of nothing");
    }
  }

  void check_group(OpenNode& parent, std::uint64_t id) {
    OpenNode group(find(id)->bytes);
    const auto node = parent.node(), its = group.node();
    const bool fits = group.is_group() && its.getScopeId() == node.getId() &&
                      its.getStruct().getDataWordCount() == node.getStruct().getDataWordCount() &&
                      its.getStruct().getPointerCount() == node.getStruct().getPointerCount();
    if (!fits) refuse_schema(errc::bad_record, "the schema of '" + parent.name() + "' has a group of something else");
  }

  /// Cap'n Proto's own checks. What it says of them is lines of its source, and not shown.
  void load() {
    std::string name;
    try {
      capnp::SchemaLoader loader;
      for (const auto& [id, entry] : added_) {
        name = entry.name;
        OpenNode node(entry.bytes);
        loader.load(node.node());
      }
    } catch (const kj::Exception&) {
      refuse_schema(errc::bad_record, "the schema of '" + name +
                                          "' is malformed: an offset, a size, an ordinal or a default in it is wrong");
    }
  }

  const Entries& known_;
  const Entries& added_;
  std::map<std::uint64_t, NodeKind> kinds_;  ///< of those that were asked for
};

/// Takes one node into `added`, unless it is there, or an older version of what is.
void take(const Entries& known, Entries& added, std::string_view bytes, std::uint64_t id, const std::string& from) {
  const auto before = known.find(id);
  if (before != known.end() && before->second.bytes == bytes) return;
  OpenNode node(bytes);
  if (node.node().getId() != id) refuse_schema(errc::bad_record, "a schema has another id than it is said to have");
  node.check();
  if (before != known.end() && !is_newer(node, before->second, from)) return;
  if (!added.emplace(id, Entry{std::string(bytes), node.name(), node.file(), from}).second) {
    refuse_schema(errc::bad_record, "the schema of '" + node.name() + "' is there twice");
  }
}

}  // namespace

namespace detail {

std::string compiled_name(const capnp::_::RawSchema& schema) {
  const auto node = capnp::readMessageUnchecked<capnp::schema::Node>(schema.encodedNode);
  return name_of({node.getDisplayName().begin(), node.getDisplayName().size()});
}

}  // namespace detail

Result<void> SchemaTable::add(const PayloadType& type, const std::string& from) {
  if (type.compiled == nullptr || added_.contains(type.compiled)) return {};
  std::set<const capnp::_::RawSchema*> seen{type.compiled};
  std::vector<const capnp::_::RawSchema*> open{type.compiled};
  Entries added;
  try {
    while (!open.empty()) {
      const auto* schema = open.back();
      open.pop_back();
      take(entries_, added, bytes_of(*schema), schema->id, from);
      for (std::uint32_t i = 0; i < schema->dependencyCount; ++i) {
        const auto* part = schema->dependencies[i];
        if (!added_.contains(part) && seen.insert(part).second) open.push_back(part);
      }
    }
    Whole(entries_, added).check();
  } catch (const SchemaRefused& refused) {
    return refused.error;
  } catch (const kj::Exception&) {
    return malformed();
  }
  auto kept = keep(std::move(added));
  if (kept) added_.merge(seen);
  return kept;
}

Result<void> SchemaTable::add(const std::vector<SchemaNode>& nodes, const std::string& from) {
  Entries added;
  try {
    if (nodes.size() > limits::schema_nodes_max) {
      refuse_schema(errc::too_large, over_limit("the schema", nodes.size(), "schema_nodes_max",
                                                limits::schema_nodes_max, "structs and enums"));
    }
    for (const auto& node : nodes) take(entries_, added, node.bytes, node.id, from);
    Whole(entries_, added).check();
  } catch (const SchemaRefused& refused) {
    return refused.error;
  } catch (const kj::Exception&) {
    return malformed();
  }
  return keep(std::move(added));
}

Result<void> SchemaTable::keep(Entries added) {
  auto count = entries_.size();
  auto bytes = bytes_;
  for (const auto& [id, entry] : added) {
    const auto* before = find(id);
    count += before == nullptr ? 1 : 0;
    bytes += entry.bytes.size() - (before == nullptr ? 0 : before->bytes.size());
  }
  if (count > limits::schema_nodes_max) {
    return Error{errc::too_large, over_limit("the schema of all payload types", count, "schema_nodes_max",
                                             limits::schema_nodes_max, "structs and enums")};
  }
  if (bytes > limits::schema_bytes_max) {
    return Error{errc::too_large,
                 over_limit("the schema of all payload types", bytes, "schema_bytes_max", limits::schema_bytes_max)};
  }
  for (auto& [id, entry] : added) entries_.insert_or_assign(id, std::move(entry));
  bytes_ = bytes;
  return {};
}

bool SchemaTable::is_struct(std::uint64_t id) const {
  const auto* entry = find(id);
  if (entry == nullptr) return false;
  try {
    OpenNode node(entry->bytes);
    return node.kind() == NodeKind::structure;
  } catch (const kj::Exception&) {
    return false;
  }
}

const SchemaTable::Entry* SchemaTable::find(std::uint64_t id) const noexcept {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<SchemaNode> SchemaTable::nodes() const {
  std::vector<SchemaNode> nodes;
  for (const auto& [id, entry] : entries_) nodes.push_back({id, entry.bytes});
  return nodes;
}

}  // namespace skep
