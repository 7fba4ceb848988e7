// Manifests of plug-ins, and the ELF files they stand in: the first byte says which.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "fuzz_input.hpp"
#include "skep/actors/described_bee.hpp"
#include "skep/runtime/plugin_manifest.hpp"
#include "skep/serialization/payload_types.hpp"

namespace {

/// A value without a name, as an enum's default may be, is written as a number; numbers are not taken for names.
bool is_unnamed(const skep::Error& error) {
  return error.message.find("expected a name of the enum") != std::string::npos;
}

/// Schemas that are taken are fit for use.
void use_schemas(const std::vector<skep::SchemaNode>& nodes) {
  using namespace skep;
  SchemaTable table;
  if (!table.add(nodes, "a plug-in")) return;
  const auto types = PayloadTypes::of(table);
  if (!types) return;
  for (const auto& [id, entry] : table.entries()) {
    if (!table.is_struct(id)) continue;
    const auto payload = (*types)->from_json(id, "{}");
    if (!payload) continue;
    const Record record({}, *payload);
    const auto json = (*types)->to_json(record);
    if (!json) continue;
    const auto again = (*types)->from_json(id, *json);
    if (again || is_unnamed(again.error())) continue;
    std::fprintf(stderr, "%s: %s\n", json->c_str(), again.error().message.c_str());
    fuzz::require(false);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skep;
  const auto text = fuzz::text_of(data, size);
  if (text.empty()) return 0;
  if (text[0] == 'E') {
    const int file = ::memfd_create("plugin", MFD_CLOEXEC);
    fuzz::require(::write(file, text.data() + 1, text.size() - 1) == static_cast<ssize_t>(text.size() - 1));
    static_cast<void>(read_manifest(file));
    ::close(file);
    return 0;
  }
  const auto manifest = parse_manifest(text.substr(1));
  if (!manifest) return 0;
  const auto again = to_json(*manifest);
  const auto read = parse_manifest(again);
  fuzz::require(read.ok() && to_json(*read) == again);
  use_schemas(manifest->schemas);
  for (const auto& bee : manifest->bees) static_cast<void>(described_bee(bee));
  for (const auto& gateway : manifest->gateways) {
    GatewayRegistry registry;
    try {
      static_cast<void>(add_described(registry, gateway));
    } catch (const std::invalid_argument&) {  // what cannot be registered is said so
    }
  }
  return 0;
}
