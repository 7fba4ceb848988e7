// `skep.dedup`: passes on the first of equal records. The first one's client gets what comes of it; those of the others
// are told that theirs was a duplicate.

#include <optional>
#include <string>

#include "ready_made_bees.hpp"
#include "record_field.hpp"
#include "refusal.hpp"
#include "seen_values.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

class Dedup final : public Bee {
 public:
  struct Options : RefusalOptions {
    std::string by;
    std::chrono::nanoseconds within = std::chrono::minutes(1);
    std::int64_t entries_max = limits::dedup_entries_max;
  };

  static void describe(BeeClass<Dedup>& c) {
    using std::chrono::seconds;
    c.summary("Passes on the first of the records that have the same value, within a time.")
        .forwards_records()
        .option("by", &Options::by, "what is compared: \"key\", \"id\", or the JSON path of a field",
                {.required = true})
        .option("within", &Options::within, "after the first one that others are duplicates",
                {.min = 0.001, .max = static_cast<double>(seconds(limits::dedup_within_max).count())})
        .option("entries_max", &Options::entries_max, "values remembered; then the oldest is forgotten",
                {.min = 1, .max = static_cast<double>(limits::dedup_entries_most)});
    describe_refusal(c);
  }

  explicit Dedup(Options options)
      : options_(std::move(options)),
        field_(options_.by),
        seen_(options_.within, static_cast<std::size_t>(options_.entries_max)) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox& out) override {
    const auto value = value_of(record);  // may throw: before anything has changed
    if (seen_.is_new(value, context_->now())) return out.emit(std::move(record));
    refuse(std::move(record), "a duplicate: another with its " + name() + " came within " + to_string(options_.within),
           options_, out);
  }

 private:
  [[nodiscard]] std::string name() const { return options_.by.starts_with("$") ? "field " + options_.by : options_.by; }

  [[nodiscard]] std::string value_of(const Record& record) const {
    if (options_.by == "key") return std::string(record.key());
    if (options_.by == "id") return std::to_string(record.id().high) + "," + std::to_string(record.id().low);
    auto value = field_.read(record, *context_).text();
    if (!value) throw BadRecord("expected a value at " + options_.by);
    if (value->size() > limits::dedup_value_bytes_max) {
      throw BadRecord("the value at " + options_.by + " has " + std::to_string(value->size()) +
                      " bytes as JSON; at most " + std::to_string(limits::dedup_value_bytes_max) +
                      " (dedup_value_bytes_max)");
    }
    return std::move(*value);
  }

  Options options_;
  FieldReader field_;  ///< where `by` is one
  SeenValues seen_;
  BeeContext* context_ = nullptr;
};

void check_dedup(const OptionValue& table, std::vector<OptionProblem>& problems) {
  const auto* value = table.find("by");
  const auto* by = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  if (by == nullptr || *by == "key" || *by == "id" || is_json_path(*by)) return;
  problems.push_back({value->position, "'by' is \"key\", \"id\" or a JSON path, and '" + *by + "' is none of these",
                      "write a path like $.order or $.a.b[2]"});
}

}  // namespace

void add_dedup_bee(BeeRegistry& registry) {
  add_checked_bee<Dedup>(registry, "skep.dedup", check_dedup);
}

}  // namespace skep
