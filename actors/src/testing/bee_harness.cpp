#include "skep/testing/bee_harness.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "skep/actors/timers.hpp"
#include "skep/serialization/payload_types.hpp"

namespace skep::testing {
namespace {

ConfiguredBee configured(const BeeRegistry& registry, std::string_view class_name, const OptionValue& options) {
  const auto* entry = registry.find(class_name);
  if (entry == nullptr) throw std::invalid_argument("no bee class '" + std::string(class_name) + "'");
  auto bee = entry->configure(options, {});
  if (bee.problems.empty()) return bee;
  std::string text = std::string(class_name) + ":";
  for (const auto& problem : bee.problems) text += " " + problem.message + ";";
  throw std::invalid_argument(text);
}

/// Of one class alone; null if it says nothing of types.
std::shared_ptr<const PayloadTypes> payload_types_of(const BeeDescription& description, const ConfiguredBee& bee) {
  SchemaTable schemas;
  const auto add = [&](const PayloadType& type) {
    if (const auto added = schemas.add(type, ""); !added) throw std::invalid_argument(added.error().message);
  };
  add(description.input_type);
  for (const auto& port : bee.outputs) add(port.type);
  if (schemas.empty()) return nullptr;
  auto types = PayloadTypes::of(schemas);
  if (!types) throw std::invalid_argument(types.error().message);
  return std::move(*types);
}

}  // namespace

Record make_record(const Payload& payload) {
  static std::atomic<std::uint64_t> count{0};
  const auto request = ++count;
  RecordHeader header;
  header.root = header.id = {1, request};
  header.key = "session";
  header.origin = {.node = 1, .gateway = 1, .incarnation = 1, .session = 1, .request = request};
  return Record(header, payload);
}

Record make_record(std::string_view json) {
  return make_record(Payload::json(json));
}

class BeeHarnessBase::Context final : public BeeHost {
 public:
  Context(std::string name, std::shared_ptr<const PayloadTypes> types)
      : name_(std::move(name)), types_(std::move(types)) {}

  std::string_view name() const override { return name_; }
  std::uint32_t replica() const override { return 0; }
  std::chrono::steady_clock::time_point now() const override { return now_; }
  EventTime wall_clock() const override { return EventTime(now_.time_since_epoch()); }
  std::mt19937_64& random() override { return random_; }
  void log(LogLevel level, std::string_view text) override { lines_.push_back({level, std::string(text)}); }
  TimerId start_timer(std::chrono::nanoseconds delay) override { return timers_.start(now_ + delay); }
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void cancel_timers() override { timers_.clear(); }
  const PayloadTypes* payload_types() const override { return types_.get(); }
  void on_loss(const Record&, errc, std::string_view) override {}  // failures() shows it
  void on_held_loss(std::size_t, std::string_view) override {}     // and this

  std::string name_;
  std::shared_ptr<const PayloadTypes> types_;
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::mt19937_64 random_{1};  // NOLINT: the same numbers in every run
  Timers timers_;
  std::vector<LogLine> lines_;
};

BeeHarnessBase::BeeHarnessBase(Parts parts)
    : input_type_(parts.description.reads_typed_only() ? parts.description.input_type.id : 0),
      context_(std::make_unique<Context>(parts.description.name, payload_types_of(parts.description, parts.bee))),
      runner_(std::make_unique<BeeRunner>(
          std::move(parts.bee.factory),
          BeeRunner::Settings{
              parts.description.takes_batches, parts.description.holds_records, {}, types_of(parts.bee.outputs)},
          *context_)),
      outputs_(std::move(parts.bee.outputs)) {
  clear();
  if (const auto started = runner_->start(); !started) throw std::runtime_error(started.error().message);
}

BeeHarnessBase::BeeHarnessBase(const BeeRegistry& registry, std::string_view class_name, const OptionValue& options)
    : BeeHarnessBase([&] {
        auto bee = configured(registry, class_name, options);
        return Parts{registry.find(class_name)->description, std::move(bee)};
      }()) {}

BeeHarnessBase::BeeHarnessBase(const BeeRegistry::Entry& entry, BeeFactory factory,
                               std::vector<PortDescription> outputs)
    : BeeHarnessBase(Parts{entry.description, {std::move(factory), std::move(outputs), {}}}) {}

BeeHarnessBase::~BeeHarnessBase() = default;

void BeeHarnessBase::send(std::string_view json) {
  if (input_type_ == 0) return send(make_record(json));
  const auto payload = context_->types_->from_json(input_type_, json);
  if (!payload) throw BadRecord(payload.error().message);
  send(*payload);
}

std::string BeeHarnessBase::json(const Record& record) const {
  if (record.content().kind == ContentKind::json) return std::string(record.text());
  if (context_->types_ == nullptr) throw BadRecord("the class of this bee says nothing of payload types");
  auto json = context_->types_->to_json(record);
  if (!json) throw BadRecord(json.error().message);
  return std::move(*json);
}

void BeeHarnessBase::send(Record record) {
  waiting_.push_back(std::move(record));
  run_waiting();
}

void BeeHarnessBase::send_batch(std::vector<Record> records) {
  std::move(records.begin(), records.end(), std::back_inserter(waiting_));
  run_waiting();
}

void BeeHarnessBase::run_waiting() {
  std::span<Record> rest(waiting_);
  while (!rest.empty() && runner_->running()) {
    rest = rest.subspan(runner_->run(rest));
    collect();
  }
  waiting_.erase(waiting_.begin(), waiting_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

void BeeHarnessBase::advance(std::chrono::nanoseconds duration) {
  const auto until = context_->now_ + duration;
  if (!runner_->running()) static_cast<void>(runner_->start());
  run_waiting();
  while (runner_->running() && context_->timers_.next() && *context_->timers_.next() <= until) {
    context_->now_ = std::max(context_->now_, *context_->timers_.next());
    runner_->fire(*context_->timers_.take_due(context_->now_));
    if (!runner_->running()) static_cast<void>(runner_->start());
    collect();
  }
  context_->now_ = until;
}

void BeeHarnessBase::stop() {
  if (runner_->running()) runner_->stop();
  collect();
}

void BeeHarnessBase::collect() {
  for (auto& entry : runner_->outbox().entries()) collect(entry);
  runner_->outbox().clear();
}

void BeeHarnessBase::collect(Outbox::Entry& entry) {
  switch (entry.kind) {
    case Outbox::Kind::emit:
      if (entry.port.index() >= outputs_.size()) {
        throw std::logic_error("the bee emitted on port " + std::to_string(entry.port.index()) + ", which it lacks");
      }
      if (!outputs_[entry.port.index()].emits) {
        throw std::logic_error("the bee emitted on its default port, and describe() says no_default_output()");
      }
      emitted_[outputs_[entry.port.index()].name].push_back(std::move(entry.record));
      return;
    case Outbox::Kind::reply:
      return replies_.push_back(std::move(entry.record));
    case Outbox::Kind::drop:
      return drops_.push_back(entry.record.as_failure());
    case Outbox::Kind::fail:
    case Outbox::Kind::lose:
    case Outbox::Kind::reject:
      return failures_.push_back(entry.record.as_failure());
  }
}

const std::vector<Record>& BeeHarnessBase::emitted(std::string_view port) const {
  const auto records = emitted_.find(port);
  if (records == emitted_.end()) {
    std::vector<std::string> names;
    for (const auto& each : outputs_) names.push_back(each.name);
    throw std::invalid_argument("the bee has no port '" + std::string(port) + "' (" + suggest(port, names) + ")");
  }
  return records->second;
}

const std::vector<Record>& BeeHarnessBase::replies() const {
  return replies_;
}
const std::vector<Failure>& BeeHarnessBase::failures() const {
  return failures_;
}
const std::vector<Failure>& BeeHarnessBase::drops() const {
  return drops_;
}
const std::vector<BeeHarnessBase::LogLine>& BeeHarnessBase::log() const {
  return context_->lines_;
}
std::uint64_t BeeHarnessBase::rebuilds() const {
  return runner_->counts().rebuilds;
}

std::size_t BeeHarnessBase::held() const {
  return runner_->held();
}
void BeeHarnessBase::limit_held(HeldLimits limits) {
  runner_->limit_held(limits);
}

void BeeHarnessBase::clear() {
  emitted_.clear();
  for (const auto& port : outputs_) emitted_[port.name];
  replies_.clear();
  failures_.clear();
  drops_.clear();
  context_->lines_.clear();
}

Bee& BeeHarnessBase::object() {
  if (!runner_->running()) throw std::logic_error("the bee is not running");
  return *runner_->bee();
}

}  // namespace skep::testing
