#pragma once
// The Cap'n Proto schemas of payload types, each struct and enum once, however many types are made of it.
//
// Filled from what is compiled into bee classes and from the manifests of plug-ins, which are untrusted: what is added
// is checked whole, or nothing of it is. A payload's fields are of types that everybody can read: no interfaces, no
// AnyPointers, no generic structs. Two schemas of one id must be versions of each other, as Cap'n Proto defines that;
// the newer one stays.
// Threads: a value; fill it before others read it.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "skep/serialization/payload_type.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// One struct or enum, as Cap'n Proto encodes its `schema.Node`: one segment of whole words.
struct SchemaNode {
  std::uint64_t id = 0;
  std::string bytes{};
};

class SchemaTable {
 public:
  struct Entry {
    std::string bytes;
    std::string name;  ///< "Station.Reading"
    std::string file;  ///< "schema/reading.capnp"
    std::string from;  ///< who brought it: "plug-in 'sensors'", or empty
  };

  /// Adds all that `type` is made of, where it is compiled in. Errors: `errc::incompatible` for a field of a kind that
  /// payloads do not have, and for another struct of the same id; `errc::too_large` past limits::schema_nodes_max.
  [[nodiscard]] Result<void> add(const PayloadType& type, const std::string& from);
  /// The same for schemas from outside. Errors: as above; `errc::bad_record` for what is no schema, and for one that
  /// lacks some of its parts; `errc::too_large` also past limits::schema_node_bytes_max and schema_bytes_max.
  [[nodiscard]] Result<void> add(const std::vector<SchemaNode>& nodes, const std::string& from);

  [[nodiscard]] bool is_struct(std::uint64_t id) const;
  /// Null if it is not there.
  [[nodiscard]] const Entry* find(std::uint64_t id) const noexcept;
  [[nodiscard]] const std::map<std::uint64_t, Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::vector<SchemaNode> nodes() const;  ///< by id
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  [[nodiscard]] Result<void> keep(std::map<std::uint64_t, Entry> added);

  std::map<std::uint64_t, Entry> entries_;
  std::set<const capnp::_::RawSchema*> added_;  ///< compiled ones that are here with all they are made of
  std::size_t bytes_ = 0;                       ///< of all entries
};

}  // namespace skep
