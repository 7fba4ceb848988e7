// `skep.throttle`: passes on so many records a second, and a burst beyond, for each key or of all.

#include <string>

#include "ready_made_bees.hpp"
#include "refusal.hpp"
#include "skep/actors/limits.hpp"
#include "token_buckets.hpp"

namespace skep {
namespace {

class Throttle final : public Bee {
 public:
  struct Options : RefusalOptions {
    double rate = 1;
    std::int64_t burst = 1;
    bool per_key = false;
    std::int64_t keys_max = limits::throttle_keys_max;
  };

  static void describe(BeeClass<Throttle>& c) {
    c.summary("Passes on so many records a second, for each key or of all.")
        .forwards_records()
        .option("rate", &Options::rate, "records a second, in the long run",
                {.required = true, .min = 0.001, .max = static_cast<double>(limits::throttle_rate_max)})
        .option("burst", &Options::burst, "records that may come at once after a pause",
                {.min = 1, .max = static_cast<double>(limits::throttle_burst_max)})
        .option("per_key", &Options::per_key, "each key has a rate of its own")
        .option("keys_max", &Options::keys_max, "that are kept apart; records of further ones are not passed on",
                {.min = 1, .max = static_cast<double>(limits::throttle_keys_most)});
    describe_refusal(c);
  }

  explicit Throttle(Options options)
      : options_(std::move(options)),
        buckets_({options_.rate, static_cast<std::uint64_t>(options_.burst),
                  options_.per_key ? static_cast<std::size_t>(options_.keys_max) : 1}) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox& out) override {
    switch (buckets_.take(options_.per_key ? record.key() : "", context_->now())) {
      case TokenBuckets::Verdict::passed:
        return out.emit(std::move(record));
      case TokenBuckets::Verdict::over_rate:
        return refuse(std::move(record), rate_text(), options_, out);
      case TokenBuckets::Verdict::keys_full:
        return refuse(std::move(record), std::to_string(options_.keys_max) + " keys are throttled already (keys_max)",
                      options_, out);
    }
  }

 private:
  [[nodiscard]] std::string rate_text() const {
    return "more than " + detail::show(options_.rate) + " a second" + (options_.per_key ? " of its key" : "") +
           " (rate), and " + std::to_string(options_.burst) + " at once (burst)";
  }

  Options options_;
  TokenBuckets buckets_;
  BeeContext* context_ = nullptr;
};

void check_throttle(const OptionValue& table, std::vector<OptionProblem>& problems) {
  const auto* per_key = table.find("per_key");
  const auto* keys = table.find("keys_max");
  const auto* set = per_key == nullptr ? nullptr : std::get_if<bool>(&per_key->value);
  if (keys == nullptr || (per_key != nullptr && (set == nullptr || *set))) return;
  problems.push_back({keys->position, "'keys_max' says nothing without per_key = true", ""});
}

}  // namespace

void add_throttle_bee(BeeRegistry& registry) {
  add_checked_bee<Throttle>(registry, "skep.throttle", check_throttle);
}

}  // namespace skep
