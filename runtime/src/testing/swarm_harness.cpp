#include "skep/testing/swarm_harness.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <stdexcept>

#include "answer_text.hpp"
#include "skep/runtime/catalog.hpp"
#include "skep/runtime/swarm_builder.hpp"
#include "skep/serialization/utf8.hpp"
#include "testing/memory_gateway.hpp"
#include "testing/virtual_time.hpp"

namespace skep::testing {
namespace {

Catalog make_catalog(const SwarmHarnessSettings& settings) {
  return settings.engine != nullptr ? Catalog(settings.plugins, *settings.engine) : Catalog(settings.plugins);
}

MemoryGateway::Said said(std::string_view bytes) {
  return {ContentKind::json, std::string(bytes)};
}

MemoryGateway::Said said(const Payload& payload) {
  return {payload.content.kind, {reinterpret_cast<const char*>(payload.bytes.data()), payload.bytes.size()}};
}

Reply reply_of(const MemoryClient::Heard& heard) {
  if (const auto* failure = std::get_if<Failure>(&heard.answer)) return {*failure, heard.text};
  const auto& record = std::get<Record>(heard.answer);
  if (record.content().kind == ContentKind::error) return {record.as_failure(), heard.text};
  return {record, heard.text};
}

}  // namespace

struct SwarmHarness::Parts {
  explicit Parts(SwarmHarnessSettings given)
      : settings(std::move(given)), catalog(make_catalog(settings)), random(settings.seed), time(settings.steps_max) {
    settings.log_lines_max = std::max<std::size_t>(settings.log_lines_max, 1);
    for (const auto& name : settings.bees.names()) catalog.bees().add(*settings.bees.find(name));
    for (const auto& type : settings.gateways.types()) catalog.gateways().add(*settings.gateways.find(type));
  }

  [[nodiscard]] Environment environment() const;
  void start(SwarmFile file) { start(check(std::move(file))); }
  [[nodiscard]] Catalog::Checked check(SwarmFile file);
  void start(Catalog::Checked checked);
  void start(SwarmPlan plan);
  void keep(LogLine line);
  [[nodiscard]] SwarmHost host();
  [[nodiscard]] Swarm& running() const;
  Reply await(MemoryGateway& gateway, MemoryClient& client);

  SwarmHarnessSettings settings;
  Catalog catalog;
  std::vector<Problem> problems;
  std::string failure;
  std::vector<LogLine> log;
  std::uint64_t log_lines = 0;  ///< there ever were
  std::mt19937_64 random;
  DepartedSessions departed;
  VirtualTime time;
  MemoryGateways gateways;
  std::unique_ptr<Swarm> swarm;
};

Environment SwarmHarness::Parts::environment() const {
  return [this](const std::string& name) -> std::optional<std::string> {
    const auto found = settings.environment.find(name);
    if (found == settings.environment.end()) return std::nullopt;
    return found->second;
  };
}

Catalog::Checked SwarmHarness::Parts::check(SwarmFile file) {
  if (settings.plugins.empty()) file.spec.plugins.clear();
  return catalog.check(std::move(file));
}

void SwarmHarness::Parts::start(Catalog::Checked checked) {
  problems = std::move(checked.problems);
  if (std::ranges::count(problems, Problem::Severity::error, &Problem::severity) > 0) return;
  start(std::move(checked.plan));
}

void SwarmHarness::Parts::start(SwarmPlan plan) {
  for (auto& bee : plan.bees) bee.spec.execution = Execution::shared;
  auto started = Swarm::start(std::move(plan), host());
  if (started) {
    swarm = std::move(started).value();
  } else {
    failure = started.error().message;
  }
}

/// Twice as many at most, so that the older half goes at once.
void SwarmHarness::Parts::keep(LogLine line) {
  if (log.size() / 2 >= settings.log_lines_max) {
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(settings.log_lines_max));
  }
  log.push_back(std::move(line));
  ++log_lines;
}

SwarmHost SwarmHarness::Parts::host() {
  SwarmHost host{.system = time.system(), .gateways = gateways, .log = {}};
  host.log = [this](LogLevel level, std::string_view source, std::string_view text, std::span<const LogField>) {
    if (settings.on_log) settings.on_log(level, source, text);
    keep({level, std::string(source), std::string(utf8_prefix(text, limits::log_line_bytes_max))});
  };
  host.calls = settings.calls;
  host.supervisor = Execution::shared;
  host.departed = &departed;
  host.random = [this] { return random(); };
  host.wall_clock.at_zero = settings.wall_clock - time.now().time_since_epoch();
  host.run = [this](const std::function<bool()>& done) { time.run_until(done, VirtualTime::Time::max()); };
  return host;
}

Swarm& SwarmHarness::Parts::running() const {
  if (!swarm) throw std::logic_error("the swarm did not start");
  return *swarm;
}

/// The answer to what the client said last.
Reply SwarmHarness::Parts::await(MemoryGateway& gateway, MemoryClient& client) {
  const auto place = client.said;
  const auto done = [&] { return client.heard.size() >= place || !client.open; };
  if (!gateway.answers) throw std::logic_error("this gateway answers nobody: use send");
  time.run_until(done, time.now() + settings.request_time_max);
  time.settle();
  return client.heard.size() >= place ? reply_of(client.heard[place - 1]) : Reply{};
}

// The swarm.

SwarmHarness::SwarmHarness(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SwarmHarness::SwarmHarness(SwarmHarness&& other) noexcept = default;
SwarmHarness& SwarmHarness::operator=(SwarmHarness&& other) noexcept = default;
SwarmHarness::~SwarmHarness() = default;

SwarmHarness::SwarmHarness(std::string_view toml, SwarmHarnessSettings settings)
    : SwarmHarness(std::make_unique<Parts>(std::move(settings))) {
  parts_->start(parse_swarm(toml, "swarm.toml", parts_->environment()));
}

SwarmHarness::SwarmHarness(std::string_view toml, BeeRegistry bees)
    : SwarmHarness(toml, SwarmHarnessSettings{.bees = std::move(bees)}) {}

SwarmHarness::SwarmHarness(const SwarmBuilder& swarm, SwarmHarnessSettings settings)
    : SwarmHarness(std::make_unique<Parts>(std::move(settings))) {
  parts_->start(swarm.build([this](SwarmFile file) { return parts_->check(std::move(file)); }));
}

SwarmHarness SwarmHarness::from_file(const std::string& path, SwarmHarnessSettings settings) {
  SwarmHarness harness(std::make_unique<Parts>(std::move(settings)));
  harness.parts_->start(read_swarm(path, harness.parts_->environment()));
  return harness;
}

SwarmHarness SwarmHarness::from_plan(SwarmPlan plan, SwarmHarnessSettings settings) {
  SwarmHarness harness(std::make_unique<Parts>(std::move(settings)));
  harness.parts_->start(std::move(plan));
  return harness;
}

bool SwarmHarness::started() const noexcept {
  return parts_->swarm != nullptr;
}

std::string SwarmHarness::problems() const {
  std::string text;
  for (const auto& problem : parts_->problems) text += problem.to_string() + "\n";
  return parts_->failure.empty() ? text : text + parts_->failure + "\n";
}

SwarmHarness::Gateway SwarmHarness::gateway(std::string_view name) {
  static_cast<void>(parts_->running());
  if (auto* gateway = parts_->gateways.find(name)) return {*parts_, *gateway};
  std::string text = "no gateway '" + std::string(name) + "'; there are:";
  for (const auto& known : parts_->gateways.names()) text += " " + known;
  throw std::invalid_argument(text);
}

void SwarmHarness::advance(std::chrono::nanoseconds duration) {
  parts_->time.advance_to(parts_->time.now() + duration);
}

bool SwarmHarness::advance_until(const std::function<bool()>& done, std::chrono::nanoseconds time_max) {
  const auto until = parts_->time.now() + time_max;
  parts_->time.run_until(done, until);
  if (done()) return true;
  parts_->time.advance_to(until);
  return done();
}

void SwarmHarness::spend(std::chrono::nanoseconds duration) {
  parts_->time.spend(duration);
}

std::chrono::steady_clock::time_point SwarmHarness::now() const {
  return parts_->time.now();
}

SwarmTotals SwarmHarness::totals() const {
  return parts_->running().totals();
}
Supervision SwarmHarness::supervision() const {
  return parts_->running().supervision();
}
bool SwarmHarness::failed() const {
  return parts_->running().failed();
}
std::string SwarmHarness::failure() const {
  return parts_->running().failure();
}
DeadLetters& SwarmHarness::dead_letters() const {
  return parts_->running().dead_letters();
}

Result<void> SwarmHarness::replay(DeadLetterId id) {
  auto replayed = parts_->running().replay(id);
  parts_->time.settle();
  return replayed;
}

Result<SwarmTotals> SwarmHarness::drain(std::chrono::milliseconds time_max) {
  return parts_->running().drain(time_max);
}

const std::vector<SwarmHarness::LogLine>& SwarmHarness::log() const {
  return parts_->log;
}

std::uint64_t SwarmHarness::log_lines_lost() const {
  return parts_->log_lines - parts_->log.size();
}

// Clients.

SwarmHarness::Session SwarmHarness::Gateway::connect() {
  auto& client = gateway_->connect();
  parts_->time.settle();
  return {*parts_, *gateway_, client};
}

const std::vector<Record>& SwarmHarness::Gateway::sent() const {
  return gateway_->sent;
}

std::string SwarmHarness::Gateway::sent_text(std::size_t index) const {
  std::string scratch;
  return std::string(answer_text(gateway_->sent.at(index), gateway_->wire.answers, scratch).bytes);
}

GatewayCounters SwarmHarness::Gateway::counters() const {
  for (const auto& gateway : parts_->running().totals().gateways) {
    if (parts_->gateways.find(gateway.name) == gateway_) return gateway.counters;
  }
  return {};
}

Reply SwarmHarness::Session::request(std::string_view bytes) {
  gateway_->say(*client_, {said(bytes)});
  return parts_->await(*gateway_, *client_);
}

Reply SwarmHarness::Session::request(const Payload& payload) {
  gateway_->say(*client_, {said(payload)});
  return parts_->await(*gateway_, *client_);
}

void SwarmHarness::Session::send(std::string_view bytes) {
  gateway_->say(*client_, {said(bytes)});
  parts_->time.settle();
}

void SwarmHarness::Session::send(const Payload& payload) {
  gateway_->say(*client_, {said(payload)});
  parts_->time.settle();
}

void SwarmHarness::Session::send_together(const std::vector<std::string>& all) {
  std::vector<MemoryGateway::Said> sent;
  for (const auto& bytes : all) sent.push_back(said(bytes));
  gateway_->say(*client_, std::move(sent));
  parts_->time.settle();
}

void SwarmHarness::Session::send_payloads(std::span<const Payload> together) {
  std::vector<MemoryGateway::Said> sent;
  for (const auto& payload : together) sent.push_back(said(payload));
  gateway_->say(*client_, std::move(sent));
  parts_->time.settle();
}

std::vector<Reply> SwarmHarness::Session::replies() const {
  return replies(0, client_->heard.size());
}

std::vector<Reply> SwarmHarness::Session::replies(std::size_t from, std::size_t count_max) const {
  std::vector<Reply> replies;
  const auto& heard = client_->heard;
  const auto begin = std::min(from, heard.size());
  for (auto i = begin; i < begin + std::min(count_max, heard.size() - begin); ++i)
    replies.push_back(reply_of(heard[i]));
  return replies;
}

std::size_t SwarmHarness::Session::reply_count() const {
  return client_->heard.size();
}

bool SwarmHarness::Session::open() const {
  return client_->open;
}

void SwarmHarness::Session::close() {
  gateway_->leave(*client_);
  parts_->time.settle();
}

}  // namespace skep::testing
