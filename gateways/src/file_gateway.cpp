// The `file` gateway: its options, and its one session.

#include <caf/actor_system.hpp>

#include <filesystem>

#include "file_session.hpp"
#include "gateway_core.hpp"
#include "gateway_options.hpp"
#include "gateway_plan.hpp"
#include "gateway_types.hpp"

namespace skep {
namespace {

struct FileOptions : SharedOptions {
  FilePath path;
  FilePath output;
  std::string content = "json";
  ByteSize line_bytes_max{limits::frame_bytes_max};
};

OptionSet<FileOptions> file_option_set() {
  OptionSet<FileOptions> set;
  add_shared_options(set);
  set.add("path", &FileOptions::path,
          "read from its beginning; written where bees send to it; \"-\": standard in/output", {.required = true});
  set.add("output", &FileOptions::output, "where answers go, in order; default: standard output");
  set.add("content", &FileOptions::content, "what the lines hold", {.one_of = {"json", "raw"}});
  set.add("line_bytes_max", &FileOptions::line_bytes_max, "one line read",
          {.min = 1, .max = double(limits::payload_bytes_max)});
  return set;
}

class FileTransport final : public Transport {
 public:
  FileTransport(GatewayCore& gateway, FileOptions options) : gateway_(gateway), options_(std::move(options)) {}

  Result<void> open() override {
    const auto& settings = gateway_.settings();
    if (settings.answers && settings.receives) {
      return Error{errc::invalid_argument, "a file is read or written, not both: it answers and receives records"};
    }
    session_ = new FileSession(gateway_, session_settings());
    if (auto opened = session_->open(); !opened) return opened;
    gateway_.add(session_);
    return {};
  }
  void close() noexcept override {}
  bool finished() const override { return session_ && session_->finished(); }

 private:
  FileSession::Settings session_settings() const {
    const auto& gateway = gateway_.settings();
    FileSession::Settings settings;
    if (gateway.answers) settings.output = options_.output.path.empty() ? "-" : options_.output.path;
    (gateway.receives ? settings.output : settings.input) = options_.path.path;
    settings.content = *wire_content_from(options_.content);
    settings.line_bytes_max = options_.line_bytes_max.bytes;
    settings.receives = gateway.receives;
    return settings;
  }

  GatewayCore& gateway_;
  FileOptions options_;
  boost::intrusive_ptr<FileSession> session_;
};

/// By their names alone. Lint knows one file by two names, and so does whoever opens them.
void check_output(const FileOptions& options, OptionChecks checks) {
  const auto normal = [](const FilePath& path) { return std::filesystem::path(path.path).lexically_normal(); };
  if (options.output.path.empty() || options.output.path == "-") return;
  if (normal(options.output) != normal(options.path)) return;
  checks.fail("output", "'output' is the file that is read ('path'): writing it would empty it");
}

ConfiguredGateway configure_file(const OptionValue& table, SourcePosition where) {
  FileOptions options;
  ConfiguredGateway configured;
  configured.problems = file_option_set().read(table, where, options);
  const bool has_paths = options.content == "json";
  OptionChecks(table, where, configured.problems)
      .shared(options, has_paths ? std::nullopt : std::optional(R"(where `content` is "json")"));
  if (!configured.problems.empty()) return configured;
  if (options.path.path.empty()) OptionChecks(table, where, configured.problems).fail("path", "'path' is empty");
  keep_word(table, "path", "-", options.path);
  keep_word(table, "output", "-", options.output);
  check_output(options, {table, where, configured.problems});
  if (!configured.problems.empty()) return configured;
  if (options.overflow == "auto") options.overflow = "block";  // a file can always wait
  const auto content = *wire_content_from(options.content);
  configured.ends = true;
  configured.kinds = {kind_of(content)};
  configured.files = {options.path.path, options.output.path.empty() ? "-" : options.output.path};
  configured.spawn = [options, content](caf::actor_system& system, GatewayHost& host, GatewaySettings settings) {
    const auto make = [options](GatewayCore& gateway) { return std::make_unique<FileTransport>(gateway, options); };
    return host.spawn(system, {options, {content, content, content, content == WireContent::json}, make},
                      std::move(settings));
  };
  return configured;
}

}  // namespace

GatewayRegistry::Entry file_gateway() {
  return {{"file", "Lines of a file or of standard input, and lines out.", file_option_set().descriptions()},
          configure_file};
}

}  // namespace skep
