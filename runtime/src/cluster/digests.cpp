#include "cluster/digests.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "skep/actors/sha256.hpp"
#include "skep/runtime/swarm_writer.hpp"

namespace skep {
namespace {

// What is counted, so that a later version which counts more has other digests.
constexpr std::string_view file_form = "skep swarm 1";
constexpr std::string_view plugins_form = "skep plug-ins 1";
constexpr std::string_view models_form = "skep models 1";
constexpr std::string_view nodes_form = "skep nodes 1";

/// Texts and numbers, each of a known length.
class Sum {
 public:
  explicit Sum(std::string_view form) { add(form); }

  void add(std::uint64_t number) {
    std::array<std::byte, 8> bytes{};
    for (auto& byte : bytes) {
      byte = static_cast<std::byte>(number & 0xff);
      number >>= 8;
    }
    sha256_.add(bytes);
  }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    sha256_.add(std::as_bytes(std::span(text)));
  }
  [[nodiscard]] Digest take() { return sha256_.bytes(); }

 private:
  Sha256 sha256_;
};

bool is_path(const OptionDescription& option) {
  return option.type == "path";
}

/// Says of paths only that they are there.
void blank_paths(OptionValue& options, const std::vector<OptionDescription>& described) {
  auto* table = std::get_if<OptionValue::Table>(&options.value);
  if (table == nullptr) return;
  for (const auto& option : described) {
    const auto found = std::ranges::find(*table, option.name, &OptionValue::Member::key);
    if (is_path(option) && found != table->end()) found->value.value = std::string();
  }
}

SwarmSpec without_paths(SwarmSpec spec, const Catalog& catalog) {
  for (auto& bee : spec.bees) {
    if (const auto* entry = catalog.bees().find(bee.bee_class)) blank_paths(bee.options, entry->description.options);
  }
  for (auto& gateway : spec.gateways) {
    if (const auto* entry = catalog.gateways().find(gateway.type)) {
      blank_paths(gateway.options, entry->description.options);
    }
  }
  return spec;
}

/// Of `skep.model`: where its file is, from here; empty for other bees.
std::string model_path(const BeeSpec& bee) {
  if (bee.bee_class != "skep.model") return {};
  const auto* model = bee.options.find("model");
  const auto* path = model == nullptr ? nullptr : std::get_if<std::string>(&model->value);
  if (path == nullptr) return {};
  FilePath file{*path};
  detail::resolve(file, bee.options.directory);
  return file.path;
}

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

Error unreadable(const std::string& path) {
  return {errno == ENOENT ? errc::not_found : errc::io,
          "model '" + path + "' cannot be read: " + std::string(std::strerror(errno))};
}

/// Piece by piece: models are large.
Result<std::string> sha256_of_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(path);
  Sha256 sum;
  std::array<std::byte, std::size_t{64} << 10> piece{};
  while (const auto size = std::fread(piece.data(), 1, piece.size(), file.get())) sum.add(std::span(piece).first(size));
  if (std::ferror(file.get()) != 0) return unreadable(path);
  return sum.hex();
}

Digest file_digest(const SwarmSpec& spec, const Catalog& catalog) {
  Sum sum(file_form);
  sum.add(to_toml(without_paths(spec, catalog), Defaults::write));
  return sum.take();
}

Result<Digest> plugins_digest(const SwarmSpec& spec, const Catalog& catalog) {
  Sum sum(plugins_form);
  for (const auto& plugin : spec.plugins) {
    const auto sha256 = catalog.plugin_sha256(plugin.name);
    if (sha256.empty()) return Error{errc::not_found, "plug-in '" + plugin.name + "' is not loaded"};
    sum.add(plugin.name);
    sum.add(sha256);
  }
  return sum.take();
}

Result<Digest> models_digest(const SwarmSpec& spec) {
  Sum sum(models_form);
  for (const auto& bee : spec.bees) {
    const auto path = model_path(bee);
    if (path.empty()) continue;
    const auto sha256 = sha256_of_file(path);
    if (!sha256) return sha256.error();
    sum.add(*sha256);
  }
  return sum.take();
}

}  // namespace

Result<SwarmDigest> swarm_digest(const SwarmSpec& spec, const Catalog& catalog) {
  const auto plugins = plugins_digest(spec, catalog);
  if (!plugins) return plugins.error();
  const auto models = models_digest(spec);
  if (!models) return models.error();
  return SwarmDigest{file_digest(spec, catalog), *plugins, *models};
}

Digest nodes_digest(const std::vector<ClusterNode>& nodes) {
  Sum sum(nodes_form);
  sum.add(std::uint64_t{nodes.size()});
  for (const auto& node : nodes) {
    sum.add(node.name);
    sum.add(node.address);
    sum.add(std::uint64_t{node.labels.size()});
    for (const auto& label : node.labels) sum.add(label);
    sum.add(std::uint64_t{node.capacity});
  }
  return sum.take();
}

}  // namespace skep
