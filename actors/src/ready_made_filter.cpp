// `skep.filter`: passes on the JSON records of which one field fulfils all conditions that are set.

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "ready_made_bees.hpp"
#include "record_field.hpp"
#include "refusal.hpp"

namespace skep {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool is_set(const OptionValue& value) {
  return !std::holds_alternative<std::monostate>(value.value);
}

/// A number in an option and one in JSON: as integers where both are, else as doubles.
bool equals(const RecordField& field, const OptionValue& wanted) {
  if (const auto* text = std::get_if<std::string>(&wanted.value)) return field.string() == *text;
  if (const auto* truth = std::get_if<bool>(&wanted.value)) return field.boolean() == *truth;
  if (const auto* number = std::get_if<double>(&wanted.value)) return field.number() == *number;
  const auto* integer = std::get_if<std::int64_t>(&wanted.value);
  if (integer == nullptr) return false;
  if (const auto whole = field.integer()) return *whole == *integer;
  return field.number() == static_cast<double>(*integer);
}

class Filter final : public Bee {
 public:
  struct Options : RefusalOptions {
    std::string field;
    bool exists = true;
    OptionValue equals;
    OptionValue not_equals;
    double at_least = -infinity;
    double at_most = infinity;
  };

  static void describe(BeeClass<Filter>& c) {
    c.summary("Passes on JSON records of which one field fulfils every condition that is set.")
        .input(ContentKind::json)
        .input(ContentKind::capnp)
        .forwards_records()
        .option("field", &Options::field, "JSON path of the field", {.required = true})
        .option("exists", &Options::exists, "false: passes records that do not have the field")
        .option("equals", &Options::equals, "a string, number or bool that the field is")
        .option("not_equals", &Options::not_equals, "a string, number or bool that the field is not")
        .option("at_least", &Options::at_least, "the field is a number, at least this")
        .option("at_most", &Options::at_most, "the field is a number, at most this");
    describe_refusal(c);
  }

  explicit Filter(Options options) : options_(std::move(options)), field_(options_.field) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox& out) override {
    if (passes(record)) return out.emit(std::move(record));
    refuse(std::move(record), "filtered out by its field " + options_.field, options_, out);
  }

 private:
  [[nodiscard]] bool passes(const Record& record) const {
    const auto field = field_.read(record, *context_);
    if (!field.exists()) return !options_.exists;
    return options_.exists && in_range(field) && (!is_set(options_.equals) || equals(field, options_.equals)) &&
           (!is_set(options_.not_equals) || !equals(field, options_.not_equals));
  }

  [[nodiscard]] bool in_range(const RecordField& field) const {
    if (std::isinf(options_.at_least) && std::isinf(options_.at_most)) return true;
    const auto number = field.number();
    return number && *number >= options_.at_least && *number <= options_.at_most;
  }

  Options options_;
  FieldReader field_;
  BeeContext* context_ = nullptr;
};

bool is_scalar(const OptionValue& value) {
  return !std::holds_alternative<OptionValue::Array>(value.value) &&
         !std::holds_alternative<OptionValue::Table>(value.value);
}

std::optional<double> number_of(const OptionValue* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&value->value)) return static_cast<double>(*integer);
  const auto* number = std::get_if<double>(&value->value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

void check_range(const OptionValue& table, std::vector<OptionProblem>& problems) {
  const auto* most = table.find("at_most");
  const auto lowest = number_of(table.find("at_least")), highest = number_of(most);
  if (!lowest || !highest || *lowest <= *highest) return;
  problems.push_back(
      {most->position,
       "'at_most' is " + detail::show(*highest) + ", 'at_least' is " + detail::show(*lowest) + ": no number passes",
       ""});
}

void check_filter(const OptionValue& table, std::vector<OptionProblem>& problems) {
  check_range(table, problems);
  check_path(table, "field", problems);
  for (const auto* name : {"equals", "not_equals"}) {
    const auto* value = table.find(name);
    if (value == nullptr || is_scalar(*value)) continue;
    problems.push_back({value->position, "'" + std::string(name) + "' is a string, a number or a bool", ""});
  }
}

}  // namespace

void add_filter_bee(BeeRegistry& registry) {
  add_checked_bee<Filter>(registry, "skep.filter", check_filter);
}

}  // namespace skep
