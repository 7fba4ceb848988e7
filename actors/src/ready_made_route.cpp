// `skep.route`: sends each JSON record to the port that one of its fields names.

#include <algorithm>
#include <string>

#include "ready_made_bees.hpp"
#include "record_field.hpp"

namespace skep {
namespace {

class RouteByField final : public Bee {
 public:
  struct Options {
    std::string field;
    std::vector<std::string> ports;
  };

  static void describe(BeeClass<RouteByField>& c) {
    c.summary("Sends each JSON record to the port that one of its fields names; others to the default port.")
        .input(ContentKind::json)
        .input(ContentKind::capnp)
        .forwards_records()
        .option("field", &Options::field, "JSON path of the field: a string, number or bool", {.required = true})
        .option("ports", &Options::ports, "values of the field that have a port of their own", {.required = true})
        .outputs_from(
            [](const Options& options) {
              std::vector<PortDescription> ports;
              for (const auto& port : options.ports) ports.push_back({port, "records whose field is \"" + port + "\""});
              return ports;
            },
            {{.name = "", .doc = "records whose field is that", .names_from = "ports"}});
  }

  explicit RouteByField(Options options) : options_(std::move(options)), field_(options_.field) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox& out) override {
    const auto port = port_of(record);
    out.emit(port, std::move(record));
  }

 private:
  /// Ports of options follow the default port, in order.
  [[nodiscard]] Port port_of(const Record& record) const {
    const auto named = std::find(options_.ports.begin(), options_.ports.end(), value_of(record));
    if (named == options_.ports.end()) return default_port;
    return Port(static_cast<std::uint16_t>(1 + (named - options_.ports.begin())));
  }

  [[nodiscard]] std::string value_of(const Record& record) const {
    const auto field = field_.read(record, *context_);
    if (const auto text = field.string()) return std::string(*text);
    return field.text().value_or("");
  }

  Options options_;
  FieldReader field_;
  BeeContext* context_ = nullptr;
};

}  // namespace

void add_route_bee(BeeRegistry& registry) {
  add_checked_bee<RouteByField>(
      registry, "skep.route",
      [](const OptionValue& table, std::vector<OptionProblem>& problems) { check_path(table, "field", problems); });
}

}  // namespace skep
