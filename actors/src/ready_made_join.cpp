// `skep.join`: puts the parts of a record together that went several ways. Parts are known by their root, which the
// gateway gave; nothing else of where they come from reaches a bee, so they are counted, and bring their own fields.
//
// A root is open from its first part to its last, or until `within` is over; then it is settled: its client has its one
// answer, the joined record or an error. It is remembered for as long again, so that a part that comes too late, or one
// too many, does not open it anew.

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "joined_objects.hpp"
#include "ready_made_bees.hpp"
#include "record_field.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

class Join final : public Bee {
 public:
  struct Options {
    std::int64_t parts = 2;
    std::chrono::nanoseconds within = std::chrono::seconds(5);
    std::int64_t roots_max = limits::join_roots_max;
  };

  static void describe(BeeClass<Join>& c) {
    using std::chrono::seconds;
    c.summary("Joins the parts of a record that went several ways: one JSON object with the fields of all.")
        .input(ContentKind::json)
        .input(ContentKind::capnp)
        .holds_records()
        .output("unmatched", &Join::unmatched_, "parts whose others did not come in time, and parts beyond",
                {.side = true})
        .option("parts", &Options::parts, "that make a record",
                {.required = true, .min = 2, .max = static_cast<double>(limits::join_parts_max)})
        .option("within", &Options::within, "from the first part to the last",
                {.min = 0.001, .max = static_cast<double>(seconds(limits::join_within_max).count())})
        .option("roots_max", &Options::roots_max, "waited for at once",
                {.min = 1, .max = static_cast<double>(limits::join_roots_most)});
  }

  explicit Join(Options options) : options_(options) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox& out) override {
    forget_settled();
    const auto known = roots_.find(record.root());
    if (known == roots_.end()) return open(std::move(record), out);
    if (known->second->settled) return out.emit(unmatched_, std::move(record));
    add(known->second, std::move(record), out);
  }

  void on_timer(TimerId, Outbox& out) override {
    timer_.reset();
    const auto now = context_->now();
    while (!open_.empty() && open_.front().until <= now && has_room(out)) {
      give_up(open_.begin(), "within " + to_string(options_.within) + " (within)", out);
    }
    start_timer();
  }

  void on_stop(Outbox& out) override {
    while (!open_.empty() && has_room(out)) give_up(open_.begin(), "before the swarm stopped", out);
  }

 private:
  struct Root {
    RecordId id;
    std::chrono::steady_clock::time_point until;  ///< it is open; then, that it is remembered
    std::vector<Held> parts;
    bool settled = false;
  };
  using Roots = std::list<Root>;

  /// Of one call, for one more root.
  static bool has_room(const Outbox& out) {
    return out.size() + 2 * limits::join_parts_max < limits::outputs_per_call_max;
  }

  void open(Record record, Outbox& out) {
    if (open_.size() >= static_cast<std::size_t>(options_.roots_max)) {
      return out.drop(record, std::to_string(options_.roots_max) + " records wait for parts already (roots_max)");
    }
    const auto id = record.root();
    auto held = out.hold(std::move(record));  // may throw: no room
    open_.push_back({id, context_->now() + options_.within, {}});
    open_.back().parts.push_back(std::move(held));
    roots_.emplace(id, std::prev(open_.end()));
    if (!timer_) start_timer();
  }

  void add(Roots::iterator root, Record record, Outbox& out) {
    try {
      root->parts.push_back(out.hold(std::move(record)));
    } catch (const TooManyHeld&) {
      root->settled = true;  // its client is told of that
      throw;
    }
    if (root->parts.size() == static_cast<std::size_t>(options_.parts)) join(root, out);
  }

  void join(Roots::iterator root, Outbox& out) {
    std::vector<Record> parts;
    const bool expired = std::ranges::any_of(root->parts, &Held::expired);
    for (auto& held : root->parts) parts.push_back(held.release());
    settle(root);
    if (expired) return;  // its client has been told
    const auto& first = *std::ranges::min_element(parts, {}, &Record::id);
    try {
      std::vector<std::string> made;  // of parts that are no JSON themselves
      made.reserve(parts.size());
      std::vector<std::string_view> texts;
      for (const auto& part : parts) {
        const bool typed = part.content().kind == ContentKind::capnp;
        texts.push_back(typed ? std::string_view(made.emplace_back(json_of(part))) : part.text());
      }
      out.emit(first.with(Payload::json(joined_objects(texts))));
    } catch (const BadRecord& problem) {
      out.fail(first, problem);
    }
  }

  /// Of a typed record. Throws BadRecord.
  [[nodiscard]] std::string json_of(const Record& part) const {
    return value_or_bad(types_of_swarm(*context_).to_json(part));
  }

  /// Its time is over: one part tells the client, unless it knows.
  void give_up(Roots::iterator root, const std::string& when, Outbox& out) {
    const auto reason =
        std::to_string(root->parts.size()) + " of " + std::to_string(options_.parts) + " parts came " + when;
    bool told = root->settled;
    for (auto& held : root->parts) {
      const bool knows = std::exchange(told, true) || held.expired();
      auto part = held.release();
      knows ? out.emit(unmatched_, std::move(part)) : out.reject(unmatched_, std::move(part), reason);
    }
    settle(root);
  }

  void settle(Roots::iterator root) {
    root->settled = true;
    root->parts.clear();
    root->until = context_->now() + options_.within;
    settled_.splice(settled_.end(), open_, root);
    if (settled_.size() > static_cast<std::size_t>(options_.roots_max)) forget(settled_.begin());
  }

  void forget_settled() {
    while (!settled_.empty() && settled_.front().until <= context_->now()) forget(settled_.begin());
  }
  void forget(Roots::iterator root) {
    roots_.erase(root->id);
    settled_.erase(root);
  }

  /// One for all: of the root that has been open longest. It may have been joined when the timer fires.
  void start_timer() {
    if (open_.empty()) return;
    const auto delay = open_.front().until - context_->now();
    timer_ = context_->start_timer(std::max<std::chrono::nanoseconds>(delay, std::chrono::milliseconds(1)));
  }

  Options options_;
  Port unmatched_;
  BeeContext* context_ = nullptr;
  Roots open_, settled_;  ///< each in the order of `until`
  std::map<RecordId, Roots::iterator> roots_;
  std::optional<TimerId> timer_;
};

}  // namespace

void add_join_bee(BeeRegistry& registry) {
  registry.add<Join>("skep.join");
}

}  // namespace skep
