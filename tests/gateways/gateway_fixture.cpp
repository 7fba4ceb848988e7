#include "gateway_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

#include "skep/actors/caf_error.hpp"
#include "skep/actors/edge_inputs.hpp"

namespace skep::testing {

void eventually(const std::function<bool()>& seen, const char* what) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!seen()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "never happened: " << what;
    std::this_thread::yield();
  }
}

namespace {

class ScriptedBee final : public caf::event_based_actor {
 public:
  ScriptedBee(caf::actor_config& config, caf::actor gateway, std::uint32_t credit)
      : caf::event_based_actor(config), gateway_(std::move(gateway)), inputs_({.credit = {{credit, 4u << 20}, {}}}) {}

  void on_exit() override {
    gateway_ = nullptr;
    inputs_.close();
  }

 protected:
  caf::behavior make_behavior() override {
    return {
        [this](RecordBatch& batch) {
          waiting_.push_back(inputs_.receive(std::move(batch), current_sender()));
          work();
          acknowledge();
        },
        [this](const Change& change) {
          if (script_ == Script::keep_answers) std::reverse(answers_.begin(), answers_.end());
          script_ = change.script;
          work();
          acknowledge();
        },
        [this](const AnswerWith& answer) { make_ = answer.make; },
        [this](Spend spend) { spent_ = spend.time; },
        [this](const SendOut& out) { send_out(out); },
        [this](const BatchAck& message) {
          taken_ = message.ack.released.records;
          done_ = message.ack.done;
        },
        [this](ReadAccepted) { return accepted_; },
        [this](ReadTaken) { return taken_; },
        [this](ReadDone) { return done_; },
    };
  }

 private:
  void work() {
    if (script_ == Script::accept_nothing) return;
    for (auto& arrival : std::exchange(waiting_, {})) {
      for (auto& record : arrival.records) {
        accepted_.emplace_back(record.text());
        if (record.origin().request != 0) answers_.push_back(make_ ? make_(record) : record);
      }
      inputs_.accepted(arrival, 0, arrival.records.size());
    }
    if (script_ == Script::keep_answers || answers_.empty()) return;
    ReplyBatch answers;
    answers.batch.stamp = {std::chrono::steady_clock::now(), spent_};
    answers.batch.packet.records = std::exchange(answers_, {});
    send(gateway_, std::move(answers));
  }

  void send_out(const SendOut& out) {
    EdgePacket packet{.first = sent_, .prompt = true};
    for (const auto& line : out.lines) {
      packet.records.emplace_back(RecordHeader{}, Payload::borrow(std::as_bytes(std::span(line)), {out.kind}));
      sent_ = sent_ + Quantity{1, line.size()};
      packet.bytes += line.size();
    }
    send(gateway_, RecordBatch{sender_key(0, 0, 0), 0, 0, std::move(packet)});
  }

  void acknowledge() {
    for (const auto& [to, message] : inputs_.take_acks()) send(caf::actor_cast<caf::actor>(to), message);
  }

  caf::actor gateway_;
  Script script_ = Script::echo;
  std::function<Record(const Record&)> make_;
  EdgeInputs inputs_;
  std::vector<EdgeInputs::Arrival> waiting_;
  std::chrono::nanoseconds spent_ = Stamp::unknown;
  std::vector<Record> answers_;
  Texts accepted_;
  Quantity sent_;
  std::uint64_t taken_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace

LogSink LogLines::sink() {
  return [this](LogLevel level, std::string_view source, std::string_view text) {
    if (seen_) seen_(text);
    const std::lock_guard lock(mutex_);
    if (level >= LogLevel::info) not_debug_ += std::string(source) + ": " + std::string(text) + "\n";
    if (level >= LogLevel::warning) lines_ += "warning: ";
    lines_ += std::string(source) + ": " + std::string(text) + "\n";
  };
}

LogFieldSink LogLines::field_sink() {
  return [this](LogLevel level, std::string_view source, std::string_view text, std::span<const LogField> fields) {
    auto line = std::string(text);
    for (const auto& [name, value] : fields) {
      line += " {" + std::string(name) + "=" + std::string(std::get<std::string_view>(value)) + "}";
    }
    sink()(level, source, line);
  };
}

bool LogLines::contain(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return lines_.find(text) != std::string::npos;
}

bool LogLines::contain_at_info(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return not_debug_.find(text) != std::string::npos;
}

std::string LogLines::text() {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::size_t LogLines::count(const std::string& text) {
  const std::lock_guard lock(mutex_);
  std::size_t found = 0;
  for (auto at = lines_.find(text); at != std::string::npos; at = lines_.find(text, at + 1)) ++found;
  return found;
}

struct Hive::Inside {
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{1});
    }
  };

  explicit Inside(HiveSetup setup)
      : log(setup.on_log),
        io(system, {.payload_bytes_max = setup.payload_bytes_max}),
        answers(setup.answers && !setup.receives),
        configured(configure(setup)),
        settings(settings_of(setup)),
        gateway(configured.spawn(system, io, settings)),
        bee(system.spawn<ScriptedBee>(gateway, setup.window)) {
    table.generation = 1;
    if (setup.answers || !setup.receives) {
      table.edges.push_back({"in -> bee", 0, {Route::any, setup.overflow, setup.window}, {bee}, setup.answers});
    }
    caf::scoped_actor self(system);
    self->request(gateway, patience, table)
        .receive([] {}, [this](const caf::error& error) { failure = from_caf_error(error).message; });
  }
  ~Inside() {
    neighbours.push_back(std::exchange(gateway, nullptr));
    for (auto& neighbour : neighbours) {
      caf::scoped_actor waiter(system);
      waiter->monitor(neighbour);
      waiter->send_exit(neighbour, caf::exit_reason::user_shutdown);
      waiter->receive([](const caf::down_msg&) {});
    }
    neighbours.clear();
    caf::scoped_actor self(system);
    self->send_exit(bee, caf::exit_reason::user_shutdown);
    bee = nullptr;
    io.stop();
  }

  static ConfiguredGateway configure(const HiveSetup& setup) {
    GatewayRegistry registry;
    add_gateways(registry);
    if (setup.add) setup.add(registry);
    auto configured = registry.find(setup.type)->configure(setup.options, {1, 1});
    for (const auto& problem : configured.problems) ADD_FAILURE() << problem.message;
    return configured;
  }
  GatewaySettings settings_of(const HiveSetup& setup) {
    GatewaySettings result{"in", 1, 2, setup.incarnation, 1, setup.answers, setup.receives, log.sink(), {}};
    result.delivery = setup.delivery;
    result.meter = setup.meter;
    result.departed = setup.departed;
    result.calls = setup.calls;
    result.payload_types = setup.payload_types;
    result.input_type = setup.input_type;
    result.swarm = "hive";
    if (setup.log_fields) result.log_fields = log.field_sink();
    return result;
  }
  std::string open_neighbour() {
    auto other = settings;
    other.incarnation = 78;
    auto its_table = table;
    its_table.part = 1;
    neighbours.push_back(configured.spawn(system, io, other));
    caf::anon_send(neighbours.back(), its_table);
    return ask<std::string>(neighbours.back(), ReadAddress{});
  }

  template <class Answer, class Question>
  Answer ask(const caf::actor& whom, Question question) {
    Answer result{};
    caf::scoped_actor self(system);
    self->request(whom, patience, question)
        .receive([&](Answer& answer) { result = std::move(answer); },
                 [](const caf::error&) { ADD_FAILURE() << "no answer to a request"; });
    return result;
  }

  LogLines log;
  Config config;
  caf::actor_system system{config};
  IoThreads io;
  bool answers;
  ConfiguredGateway configured;
  GatewaySettings settings;
  caf::actor gateway, bee;
  RoutingTable table;
  std::vector<caf::actor> neighbours;
  std::string failure;
};

Hive::Hive(HiveSetup setup) : inside_(std::make_unique<Inside>(std::move(setup))) {}
Hive::~Hive() = default;

std::string Hive::open_neighbour() {
  return inside_->open_neighbour();
}
void Hive::shed(const std::string& why) {
  inside_->io.shed(why);
}
void Hive::take_again() {
  inside_->io.take_again();
}
IoThreads& Hive::io() {
  return inside_->io;
}
const std::string& Hive::failure() const {
  return inside_->failure;
}
LogLines& Hive::log() {
  return inside_->log;
}
const caf::actor& Hive::gateway() const {
  return inside_->gateway;
}
std::string Hive::address() {
  return inside_->ask<std::string>(gateway(), ReadAddress{});
}
GatewayCounters Hive::counters() {
  return inside_->ask<GatewayCounters>(gateway(), ReadCounters{});
}
GatewayCounters Hive::end_intake() {
  return inside_->ask<GatewayCounters>(gateway(), EndIntake{});
}

GatewayCounters Hive::drain(std::chrono::milliseconds time_max) {
  const auto counters = inside_->ask<GatewayCounters>(gateway(), Drain{time_max});
  if (inside_->answers) {
    EXPECT_EQ(counters.requests,
              counters.answered + counters.failed + counters.expired + counters.abandoned + counters.lost);
  }
  return counters;
}

void Hive::give_up_bee() {
  auto& table = inside_->table;
  ++table.generation;
  table.edges.front().receivers = {caf::actor()};
  caf::anon_send(gateway(), table);
}

void Hive::reload() {
  caf::anon_send(gateway(), Reload{});
}
void Hive::begin_drain_of_swarm() {
  caf::anon_send(gateway(), DrainBegins{});
}
void Hive::cease(Cease how) {
  caf::anon_send(gateway(), how);
}
void Hive::start_drain() {
  caf::anon_send(gateway(), Drain{});
}

Texts Hive::accepted() {
  return inside_->ask<Texts>(inside_->bee, ReadAccepted{});
}
std::uint64_t Hive::taken() {
  return inside_->ask<std::uint64_t>(inside_->bee, ReadTaken{});
}
std::uint64_t Hive::done() {
  return inside_->ask<std::uint64_t>(inside_->bee, ReadDone{});
}
void Hive::script(Script script) {
  caf::anon_send(inside_->bee, Change{script});
}
void Hive::spend(std::chrono::nanoseconds time) {
  caf::anon_send(inside_->bee, Spend{time});
}
void Hive::answer_with(std::function<Record(const Record&)> make) {
  caf::anon_send(inside_->bee, AnswerWith{std::move(make)});
}
void Hive::send_out(Texts lines, ContentKind kind) {
  caf::anon_send(inside_->bee, SendOut{std::move(lines), kind});
}

}  // namespace skep::testing
