// `skep.aggregate`: counts the records of each key and window, and sums up a field of theirs.

#include <string>

#include "ready_made_bees.hpp"
#include "record_field.hpp"
#include "skep/serialization/json.hpp"
#include "window/open_windows.hpp"
#include "window/sums.hpp"

namespace skep {
namespace {

class Aggregate final : public Bee {
 public:
  struct Options : WindowOptions {
    std::string field;
  };

  static void describe(BeeClass<Aggregate>& c) {
    c.summary("Counts the JSON records of each key and window, with sum, min, max and mean of a field.")
        .input(ContentKind::json)
        .input(ContentKind::capnp)
        .output("late", &Aggregate::late_, "records that come too late for their window", {.side = true})
        .option("field", &Options::field, "JSON path of a number; empty: records are only counted");
    describe_windows(c);
  }

  explicit Aggregate(const Options& options) : options_(options), field_(options.field), windows_(options) {}

  void on_start(BeeContext& context) override { windows_.start(context); }

  void on_record(Record record, Outbox& out) override {
    const auto number = number_of(record);  // may throw: before anything has changed
    if (!windows_.admit(record, late_, out)) return;
    const auto add = [&](Sums& sums) { sums.add(number); };
    windows_.put(record, add, [&](const auto& window) { tell(window, out); });
  }

  void on_timer(TimerId, Outbox& out) override {
    windows_.on_timer([&](const auto& window) { tell(window, out); });
  }
  void on_stop(Outbox& out) override {
    windows_.stop([&](const auto& window) { tell(window, out); });
  }

 private:
  using Windows = OpenWindows<Sums>;

  void tell(const Windows::Closed& window, Outbox& out) const {
    const auto header = header_of_window(windows_.context().name(), window);
    out.emit(Record(header, Payload::json(json_of(window))));
  }

  [[nodiscard]] Number number_of(const Record& record) const {
    if (options_.field.empty()) return counted(record);
    const auto field = field_.read(record, windows_.context());
    if (const auto integer = field.integer()) return *integer;
    if (const auto number = field.number()) return *number;
    throw BadRecord("expected a number at " + options_.field);
  }

  /// It has no number; what is no JSON is refused all the same. Where a typed record came in, it was checked.
  [[nodiscard]] Number counted(const Record& record) const {
    const auto [kind, type] = record.content();
    if (kind != ContentKind::capnp) {
      static_cast<void>(read_json(record.text()));
    } else {
      static_cast<void>(value_or_bad(types_of_swarm(windows_.context()).field(type, "$")));  // a type that is known
    }
    return std::int64_t{0};
  }

  [[nodiscard]] std::string json_of(const Windows::Closed& window) const {
    JsonWriter json;
    json.begin_object();
    write_window(json, window);
    json.key("count").value(window.state.count());
    if (!options_.field.empty()) write_sums(json, window.state);
    json.end_object();
    return json.take();
  }

  static void write_sums(JsonWriter& json, const Sums& sums) {
    const auto write = [&](const char* name, std::optional<Number> number) {
      json.key(name);
      if (!number) return static_cast<void>(json.null());
      std::visit([&](auto value) { json.value(value); }, *number);
    };
    write("sum", sums.sum());
    write("min", sums.min());
    write("max", sums.max());
    write("mean", sums.mean());
  }

  Options options_;
  FieldReader field_;
  Port late_;
  Windows windows_;
};

void check_aggregate(const OptionValue& table, std::vector<OptionProblem>& problems) {
  check_windows(table, problems);
  const auto* field = table.find("field");
  const auto* path = field == nullptr ? nullptr : std::get_if<std::string>(&field->value);
  if (path != nullptr && !path->empty()) check_path(table, "field", problems);
}

}  // namespace

void add_aggregate_bee(BeeRegistry& registry) {
  add_checked_bee<Aggregate>(registry, "skep.aggregate", check_aggregate);
}

}  // namespace skep
