#include "node_options.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <charconv>

#include "skep/gateways/limits.hpp"
#include "skep/gateways/status_server.hpp"
#include "skep/runtime/limits.hpp"
#include "table_reader.hpp"

namespace skep {

namespace po = boost::program_options;

namespace {

// One type per kind of value, so that each has its own reading.
struct Name {
  std::string text;
};
struct ThreadCount {
  std::uint32_t count = 0;
};
struct IoThreadCount {
  std::uint32_t count = 0;
};
struct DedicatedCount {
  std::uint32_t count = 0;
};
struct LogLevelName {
  std::string text;
};
struct LogFormatName {
  std::string text;
};
struct DrainTime {
  std::chrono::nanoseconds time{};
};
struct InlineTime {
  std::chrono::nanoseconds time{};
};
struct CallbackTime {
  std::chrono::nanoseconds time{};
};
struct MemorySize {
  std::uint64_t bytes = 0;
};
struct FreeSize {
  std::uint64_t bytes = 0;
};
struct Size {
  std::uint64_t bytes = 0;
};
struct MetricsPlace {
  std::string text;
};

const std::vector<std::string> log_levels{"debug", "info", "warning", "error"};
const std::vector<std::string> log_formats{"auto", "text", "json"};

std::string one_of(const std::string& text, const std::vector<std::string>& words) {
  if (std::ranges::find(words, text) != words.end()) return text;
  throw po::error("'" + text + "' is none of its values; " + suggest(text, words));
}

// Found by Program_options through their argument types.
void validate(boost::any& to, const std::vector<std::string>& from, Name*, int) {
  const auto& text = po::validators::get_single_string(from);
  if (!is_name(text))
    throw po::error("'" + text + "' cannot be a name: a small letter, then small letters, digits, '_'");
  to = Name{text};
}

std::uint32_t count_in(const std::vector<std::string>& from, std::uint32_t max, std::uint32_t min = 0) {
  const auto& text = po::validators::get_single_string(from);
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count > max || count < min) {
    throw po::error("'" + text + "' is no integer from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return count;
}

void validate(boost::any& to, const std::vector<std::string>& from, ThreadCount*, int) {
  to = ThreadCount{count_in(from, limits::node_threads_max)};
}

void validate(boost::any& to, const std::vector<std::string>& from, IoThreadCount*, int) {
  to = IoThreadCount{count_in(from, limits::io_threads_max, 1)};
}

void validate(boost::any& to, const std::vector<std::string>& from, DedicatedCount*, int) {
  to = DedicatedCount{count_in(from, limits::replicas_max)};
}

void validate(boost::any& to, const std::vector<std::string>& from, LogLevelName*, int) {
  to = LogLevelName{one_of(po::validators::get_single_string(from), log_levels)};
}

void validate(boost::any& to, const std::vector<std::string>& from, LogFormatName*, int) {
  to = LogFormatName{one_of(po::validators::get_single_string(from), log_formats)};
}

std::chrono::nanoseconds duration_in(const std::vector<std::string>& from, std::chrono::nanoseconds max) {
  const auto& text = po::validators::get_single_string(from);
  const auto time = parse_duration(text);
  if (!time) throw po::error("'" + text + "' is no duration such as 15s or 500ms");
  if (time->count() < 0 || *time > max) throw po::error("'" + text + "' is not from 0s to " + to_string(max));
  return *time;
}

void validate(boost::any& to, const std::vector<std::string>& from, DrainTime*, int) {
  to = DrainTime{duration_in(from, limits::node_drain_time_max)};
}

void validate(boost::any& to, const std::vector<std::string>& from, InlineTime*, int) {
  to = InlineTime{duration_in(from, limits::node_inline_time_max)};
}

void validate(boost::any& to, const std::vector<std::string>& from, CallbackTime*, int) {
  to = CallbackTime{duration_in(from, limits::node_callback_time_max)};
}

std::uint64_t bytes_in(const std::vector<std::string>& from) {
  const auto& text = po::validators::get_single_string(from);
  const auto size = parse_byte_size(text);
  if (!size) throw po::error("'" + text + "' is no size such as 256MiB");
  return size->bytes;
}

void validate(boost::any& to, const std::vector<std::string>& from, Size*, int) {
  to = Size{bytes_in(from)};
}

void validate(boost::any& to, const std::vector<std::string>& from, MemorySize*, int) {
  const auto bytes = bytes_in(from);
  if (bytes != 0 && bytes < limits::node_memory_min) {
    throw po::error(to_string(ByteSize{bytes}) + " is not enough for a node: at least " +
                    to_string(ByteSize{limits::node_memory_min}) + ", or 0 for no budget");
  }
  to = MemorySize{bytes};
}

void validate(boost::any& to, const std::vector<std::string>& from, FreeSize*, int) {
  const auto bytes = bytes_in(from);
  if (bytes > limits::heap_free_most) {
    throw po::error(to_string(ByteSize{bytes}) + " is more than " + to_string(ByteSize{limits::heap_free_most}));
  }
  to = FreeSize{bytes};
}

void validate(boost::any& to, const std::vector<std::string>& from, MetricsPlace*, int) {
  const auto& text = po::validators::get_single_string(from);
  if (text != "off") {
    if (const auto checked = StatusServer::check(text); !checked) throw po::error(checked.error().message);
  }
  to = MetricsPlace{text};
}

po::options_description make_options() {
  const NodeConfig defaults;
  po::options_description options;
  options.add_options()("name", po::value<Name>()->value_name("NAME"), "of this node, in logs (default: node)")(
      "swarms", po::value<std::vector<std::string>>()->value_name("FILE"),
      "swarm file to run; a list, may be repeated")(
      "plugins", po::value<std::vector<std::string>>()->value_name("DIR"),
      "where plug-ins are; a list, may be repeated (default: ../lib/skep, seen from the program)")(
      "threads", po::value<ThreadCount>()->value_name("N"), "of the scheduler; 0: one per core (default: 0)")(
      "io_threads", po::value<IoThreadCount>()->value_name("N"),
      "of sockets and gateways; one gateway uses `threads` of them (default: 1)")(
      "inline_time_max", po::value<InlineTime>()->value_name("TIME"),
      ("up to which, on average, what a bee does at once is done by the I/O thread itself; 0s: never (default: " +
       to_string(defaults.inline_time_max) + ")")
          .c_str())(
      "dedicated_bees_max", po::value<DedicatedCount>()->value_name("N"),
      ("bees with a thread of their own (default: " + std::to_string(defaults.dedicated_bees_max) + ")").c_str())(
      "log.level", po::value<LogLevelName>()->value_name("LEVEL"), "debug, info, warning or error (default: info)")(
      "log.format", po::value<LogFormatName>()->value_name("FORMAT"),
      "text, json, or auto: text on a terminal, else json (default: auto)")(
      "drain_time_max", po::value<DrainTime>()->value_name("TIME"),
      ("at shutdown, for what is in flight (default: " + to_string(defaults.drain_time_max) + ")").c_str())(
      "callback_time_max", po::value<CallbackTime>()->value_name("TIME"),
      ("in one call of a bee, before it is named; 0s: not watched (default: " + to_string(defaults.callback_time_max) +
       ")")
          .c_str())("memory_max", po::value<MemorySize>()->value_name("SIZE"),
                    "memory of this process: it sheds at 85 %, exits at 95 %; 0: none (default: what there is)")(
      "heap_free_max", po::value<FreeSize>()->value_name("SIZE"),
      ("freed memory that a heap of the allocator keeps; 0: as that has it (default: " +
       to_string(ByteSize{defaults.heap_free_max}) + ")")
          .c_str())(
      "payload_bytes_max", po::value<Size>()->value_name("SIZE"),
      ("of the open requests of all gateways; 0: none (default: " + to_string(ByteSize{defaults.payload_bytes_max}) +
       ")")
          .c_str())("metrics", po::value<MetricsPlace>()->value_name("ADDRESS"),
                    "serve GET /metrics and /healthz at this host:port; off: measure nothing (default: measured, not "
                    "served)");
  return options;
}

template <class T>
const T* find(const po::variables_map& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? nullptr : &found->second.as<T>();
}

}  // namespace

const po::options_description& node_options() {
  static const po::options_description options = make_options();
  return options;
}

std::vector<std::string> node_option_names() {
  std::vector<std::string> names;
  for (const auto& option : node_options().options()) names.push_back(option->long_name());
  return names;
}

bool is_list(const std::string& option) {
  return option == "swarms" || option == "plugins";
}

bool is_number(const std::string& option) {
  return option == "threads" || option == "io_threads" || option == "dedicated_bees_max";
}

bool is_size(const std::string& option) {
  return option == "memory_max" || option == "heap_free_max" || option == "payload_bytes_max";
}

std::string variable_of(std::string_view option) {
  std::string name = "SKEP_";
  for (const char c : option) name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

NodeConfig node_config_from(const po::variables_map& values) {
  NodeConfig config;
  if (const auto* name = find<Name>(values, "name")) config.name = name->text;
  if (const auto* swarms = find<std::vector<std::string>>(values, "swarms")) config.swarms = *swarms;
  if (const auto* plugins = find<std::vector<std::string>>(values, "plugins")) config.plugins = *plugins;
  if (const auto* threads = find<ThreadCount>(values, "threads")) config.threads = threads->count;
  if (const auto* threads = find<IoThreadCount>(values, "io_threads")) config.io_threads = threads->count;
  if (const auto* time = find<InlineTime>(values, "inline_time_max")) config.inline_time_max = time->time;
  if (const auto* bees = find<DedicatedCount>(values, "dedicated_bees_max")) config.dedicated_bees_max = bees->count;
  if (const auto* level = find<LogLevelName>(values, "log.level")) config.log_level = level->text;
  if (const auto* format = find<LogFormatName>(values, "log.format")) config.log_format = format->text;
  if (const auto* time = find<DrainTime>(values, "drain_time_max")) config.drain_time_max = time->time;
  if (const auto* time = find<CallbackTime>(values, "callback_time_max")) config.callback_time_max = time->time;
  if (const auto* size = find<MemorySize>(values, "memory_max")) config.memory_max = size->bytes;
  if (const auto* size = find<FreeSize>(values, "heap_free_max")) config.heap_free_max = size->bytes;
  if (const auto* size = find<Size>(values, "payload_bytes_max")) config.payload_bytes_max = size->bytes;
  if (const auto* place = find<MetricsPlace>(values, "metrics")) config.metrics = place->text;
  return config;
}

std::string store_option(const std::string& option, const std::vector<std::string>& texts, po::variables_map& values) {
  po::parsed_options parsed(&node_options());
  parsed.options.emplace_back(option, texts);
  try {
    po::store(parsed, values);
  } catch (const po::multiple_values&) {
    return "is given more than once";
  } catch (const po::error& error) {
    return error.what();
  }
  return {};
}

std::vector<NodeSetting> node_settings(const std::vector<std::string>& without) {
  std::vector<NodeSetting> settings;
  for (const auto& option : node_options().options()) {
    if (std::ranges::find(without, option->long_name()) != without.end()) continue;
    settings.push_back({option->long_name(), option->format_parameter(), option->description()});
  }
  return settings;
}

}  // namespace skep
