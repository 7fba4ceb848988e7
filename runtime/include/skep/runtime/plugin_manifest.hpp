#pragma once
// What a plug-in is, to be read without running any of it: the ABI it was built for, its bee classes with ports and
// options, and its gateway classes. JSON in a section of the plug-in's file, put there by skep_add_plugin().
//
// Pure, but for `read_manifest`. Threads: any.

#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/gateways/gateway_registry.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/result.hpp"
#include "skep/serialization/schema_table.hpp"

namespace skep {

inline constexpr const char* plugin_manifest_section = ".skep.manifest";

struct PluginManifest {
  std::string abi{};  ///< plugin_abi_stamp() of its build
  std::vector<BeeDescription> bees{};
  std::vector<GatewayDescription> gateways{};  ///< with the options that are their own
  std::vector<SchemaNode> schemas{};           ///< of their payload types, each struct and enum once
};

/// `{"name", "summary", "inputs", "payload", "outputs", "options", "takes_batches", "holds_records"}`
void write_json(JsonWriter& json, const BeeDescription& bee);
void write_json(JsonWriter& json, const std::vector<OptionDescription>& options);
/// `{"type", "summary", "in", "out", "answers", "content", "listen", "protocol", "options"}`
void write_json(JsonWriter& json, const GatewayDescription& gateway);
[[nodiscard]] std::string to_json(const PluginManifest& manifest);
/// Errors: `errc::bad_record` for what is no such JSON; `errc::too_large` past limits::plugin_manifest_bytes_max,
/// plugin_bees_max, plugin_gateways_max, plugin_options_max or schema_nodes_max. What its schemas say is judged by
/// SchemaTable.
[[nodiscard]] Result<PluginManifest> parse_manifest(std::string_view json);

/// Of a shared object that is open for reading. Errors: as above; `errc::not_found` for one without; `errc::bad_record`
/// for a file that is no 64-bit ELF file or does not have what its headers speak of.
[[nodiscard]] Result<PluginManifest> read_manifest(int descriptor);

}  // namespace skep
