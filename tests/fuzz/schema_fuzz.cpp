// Schemas from outside: the first byte chooses a struct or enum of Every, the rest is put in its place.

#include "fuzz_input.hpp"
#include "schema/every.capnp.h"
#include "skep/serialization/payload_types.hpp"

namespace {

using namespace skep;

std::vector<SchemaNode> make_nodes() {
  SchemaTable table;
  fuzz::require(table.add(PayloadType::of<test::Every>(), "").ok());
  return table.nodes();
}

/// Schemas that are taken are fit for use: nothing is written past a struct, and nothing goes on for ever.
void use(const SchemaTable& table) {
  const auto types = PayloadTypes::of(table);
  if (!types) return;
  for (const auto& [id, entry] : table.entries()) {
    if (!table.is_struct(id)) continue;
    for (const auto* json :
         {"{}", R"({"truth":true,"u64":1,"text":"a","points":[{"x":1}],"limits":{"high":2},"inner":{}})",
          R"({"shape":{"box":{"width":1}},"numbers":[1,2],"level":"high","data":"AAAA","x":1})"}) {
      const auto payload = (*types)->from_json(id, json);
      if (payload) static_cast<void>((*types)->to_json(Record({}, *payload)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto whole = make_nodes();
  if (size == 0) return 0;
  auto nodes = whole;
  auto& changed = nodes[data[0] % nodes.size()];
  changed.bytes = fuzz::text_of(data + 1, size - 1);
  SchemaTable table;
  if (table.add(nodes, "a plug-in").ok()) use(table);
  SchemaTable known;  // beside the right one it is another version, or refused
  fuzz::require(known.add(whole, "a plug-in").ok());
  if (known.add({changed}, "another").ok()) use(known);
  return 0;
}
