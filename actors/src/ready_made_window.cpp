// `skep.window`: gathers the records of each key and window into one.

#include <algorithm>
#include <string>

#include "ready_made_bees.hpp"
#include "record_field.hpp"
#include "skep/serialization/json.hpp"
#include "window/open_windows.hpp"

namespace skep {
namespace {

/// JSON values of one window, with commas between.
struct Gathered {
  Gathered() = default;
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;
  ~Gathered() {
    if (all_bytes != nullptr) *all_bytes -= json.size();
  }

  void add(const std::string& value, std::size_t& of_all) {
    all_bytes = &of_all;
    of_all -= json.size();
    json.append(json.empty() ? "" : ",").append(value);
    of_all += json.size();
    ++records;
  }

  std::string json;
  std::size_t records = 0;
  std::uint64_t left_out = 0;
  std::size_t* all_bytes = nullptr;  ///< of all windows
};

class Window final : public Bee {
 public:
  struct Options : WindowOptions {
    std::string field = "$";
    std::int64_t records_max = limits::window_records_max;
    ByteSize bytes_max{limits::window_bytes_max};
    ByteSize all_bytes_max{limits::window_all_bytes_max};
  };

  static void describe(BeeClass<Window>& c) {
    c.summary("Gathers the JSON records of each key and window into one, as an array.")
        .input(ContentKind::json)
        .input(ContentKind::capnp)
        .output("late", &Window::late_, "records that come too late for their window", {.side = true})
        .option("field", &Options::field, "JSON path of what is gathered of each record; $ is all of it");
    describe_windows(c);
    c.option("records_max", &Options::records_max, "of one window; further ones are left out, and counted",
             {.min = 1, .max = static_cast<double>(limits::window_records_most)})
        .option("bytes_max", &Options::bytes_max, "of one window, as JSON; the same",
                {.min = 1, .max = static_cast<double>(limits::window_bytes_most)})
        .option("all_bytes_max", &Options::all_bytes_max, "of all open windows; the same",
                {.min = 1, .max = static_cast<double>(limits::window_all_bytes_most)});
  }

  explicit Window(const Options& options) : options_(options), field_(options.field), windows_(options) {}

  void on_start(BeeContext& context) override { windows_.start(context); }

  void on_record(Record record, Outbox& out) override {
    const auto value = value_of(record);  // may throw: before anything has changed
    if (!windows_.admit(record, late_, out)) return;
    const char* full = nullptr;  // of the window that it found no room in
    bool gathered = false;
    const auto add = [&](Gathered& window) {
      const auto* limit = full_limit(window, value);
      (limit != nullptr ? full : limit) = limit;
      gathered = gathered || limit == nullptr;
      limit != nullptr ? static_cast<void>(++window.left_out) : window.add(value, all_bytes_);
    };
    windows_.put(record, add, [&](const auto& window) { tell(window, out); });
    if (!gathered) out.drop(record, "its window is full (" + std::string(full) + ")");
  }

  void on_timer(TimerId, Outbox& out) override {
    windows_.on_timer([&](const auto& window) { tell(window, out); });
  }
  void on_stop(Outbox& out) override {
    windows_.stop([&](const auto& window) { tell(window, out); });
  }

 private:
  using Windows = OpenWindows<Gathered>;

  [[nodiscard]] std::string value_of(const Record& record) const {
    auto value = field_.read(record, windows_.context()).text();
    if (!value) throw BadRecord("expected a value at " + options_.field);
    return std::move(*value);
  }

  /// The option that leaves no room for `value`; null: there is room.
  [[nodiscard]] const char* full_limit(const Gathered& window, const std::string& value) const {
    const auto more = value.size() + (window.json.empty() ? 0 : 1);
    if (window.records >= static_cast<std::size_t>(options_.records_max)) return "records_max";
    if (window.json.size() + more > options_.bytes_max.bytes) return "bytes_max";
    return all_bytes_ + more > options_.all_bytes_max.bytes ? "all_bytes_max" : nullptr;
  }

  void tell(const Windows::Closed& window, Outbox& out) const {
    JsonWriter json;
    json.begin_object();
    write_window(json, window);
    if (window.state.left_out > 0) json.key("left_out").value(window.state.left_out);
    json.key("records").begin_array();
    if (window.state.records > 0) json.raw(window.state.json);
    json.end_array().end_object();
    out.emit(Record(header_of_window(windows_.context().name(), window), Payload::json(json.take())));
  }

  Options options_;
  FieldReader field_;
  Port late_;
  std::size_t all_bytes_ = 0;  // outlives `windows_`, which count theirs in it
  Windows windows_;
};

void check_bytes(const OptionValue& table, std::vector<OptionProblem>& problems) {
  const auto size_at = [&](const char* name, std::uint64_t otherwise) {
    ByteSize size{otherwise};
    if (const auto* value = table.find(name)) static_cast<void>(detail::read(*value, size));
    return size;
  };
  const auto one = size_at("bytes_max", limits::window_bytes_max);
  const auto all = size_at("all_bytes_max", limits::window_all_bytes_max);
  if (one <= all) return;
  const auto* named = table.find("all_bytes_max");
  problems.push_back({(named != nullptr ? named : table.find("bytes_max"))->position,
                      "'all_bytes_max' is " + to_string(all) + ", 'bytes_max' of one window is " + to_string(one), ""});
}

void check_window(const OptionValue& table, std::vector<OptionProblem>& problems) {
  check_windows(table, problems);
  check_path(table, "field", problems);
  check_bytes(table, problems);
}

}  // namespace

void add_window_bee(BeeRegistry& registry) {
  add_checked_bee<Window>(registry, "skep.window", check_window);
}

}  // namespace skep
