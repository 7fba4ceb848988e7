#pragma once
// One real gateway on a real I/O thread, with a scripted bee behind it: everything but the bee is what production runs.

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/option_values.hpp"
#include "gateways/bee_script.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/edge_inputs.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep::testing {

constexpr std::chrono::seconds patience{20};  ///< how long a test waits for what must happen

/// Looks until `seen` is true; fails the test when it never is.
inline void eventually(const std::function<bool()>& seen, const char* what) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!seen()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "never happened: " << what;
    std::this_thread::yield();
  }
}

class ScriptedBee : public caf::event_based_actor {
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
    if (held_) std::reverse(answers_.begin(), answers_.end());
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
  bool held_ = true;  ///< answers that were kept leave last first
  Texts accepted_;
  Quantity sent_;
  std::uint64_t taken_ = 0;
  std::uint64_t done_ = 0;
};

/// Lines that a gateway logged.
class LogLines {
 public:
  /// `seen` is told of each line, on the gateway's thread.
  explicit LogLines(std::function<void(std::string_view line)> seen) : seen_(std::move(seen)) {}

  [[nodiscard]] LogSink sink() {
    return [this](LogLevel level, std::string_view source, std::string_view text) {
      if (seen_) seen_(text);
      const std::lock_guard lock(mutex_);
      if (level >= LogLevel::info) not_debug_ += std::string(source) + ": " + std::string(text) + "\n";
      if (level >= LogLevel::warning) lines_ += "warning: ";
      lines_ += std::string(source) + ": " + std::string(text) + "\n";
    };
  }
  [[nodiscard]] LogFieldSink field_sink() {
    return [this](LogLevel level, std::string_view source, std::string_view text, std::span<const LogField> fields) {
      auto line = std::string(text);
      for (const auto& [name, value] : fields) {
        line += " {" + std::string(name) + "=" + std::string(std::get<std::string_view>(value)) + "}";
      }
      sink()(level, source, line);
    };
  }
  [[nodiscard]] bool contain(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return lines_.find(text) != std::string::npos;
  }
  /// As nodes have it by default.
  [[nodiscard]] bool contain_at_info(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return not_debug_.find(text) != std::string::npos;
  }
  [[nodiscard]] std::string text() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] std::size_t count(const std::string& text) {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (auto at = lines_.find(text); at != std::string::npos; at = lines_.find(text, at + 1)) ++found;
    return found;
  }

 private:
  std::function<void(std::string_view)> seen_;
  std::mutex mutex_;
  std::string lines_, not_debug_;
};

struct HiveSetup {
  std::string type = "tcp";
  OptionValue options;
  bool answers = true;
  bool receives = false;
  std::uint32_t window = 1024;          ///< of the gateway's edge, and the bee's credit
  Overflow overflow = Overflow::block;  ///< of that edge
  std::uint64_t incarnation = 77;
  std::size_t payload_bytes_max = limits::node_payload_bytes_max;
  Delivery delivery = Delivery::at_most_once;
  GatewayMeterPtr meter = nullptr;
  DepartedSessions* departed = nullptr;
  std::function<void(GatewayRegistry&)> add = nullptr;  ///< further types
  BeeCalls* calls = nullptr;
  std::shared_ptr<const PayloadTypes> payload_types{};
  std::uint64_t input_type = 0;
  bool log_fields = false;                                      ///< as "{reason=token}" behind the lines that have some
  std::function<void(std::string_view line)> on_log = nullptr;  ///< on the gateway's thread, which waits for it
};

/// Starts in the constructor; `failure` is empty if that went well.
class Hive {
 public:
  explicit Hive(HiveSetup setup)
      : log_(setup.on_log),
        io_(system_, {.payload_bytes_max = setup.payload_bytes_max}),
        answers_(setup.answers && !setup.receives) {
    GatewayRegistry registry;
    add_gateways(registry);
    if (setup.add) setup.add(registry);
    const auto configured = registry.find(setup.type)->configure(setup.options, {1, 1});
    for (const auto& problem : configured.problems) ADD_FAILURE() << problem.message;
    GatewaySettings settings{"in", 1, 2, setup.incarnation, 1, setup.answers, setup.receives, log_.sink(), {}};
    settings.delivery = setup.delivery;
    settings.meter = setup.meter;
    settings.departed = setup.departed;
    settings.calls = setup.calls;
    settings.payload_types = setup.payload_types;
    settings.input_type = setup.input_type;
    settings.swarm = "hive";
    if (setup.log_fields) settings.log_fields = log_.field_sink();
    gateway_ = configured.spawn(system_, io_, settings);
    bee_ = system_.spawn<ScriptedBee>(gateway_, setup.window);
    RoutingTable table;
    table.generation = 1;
    if (setup.answers || !setup.receives) {
      table.edges.push_back({"in -> bee", 0, {Route::any, setup.overflow, setup.window}, {bee_}, setup.answers});
    }
    table_ = table;
    caf::scoped_actor self(system_);
    self->request(gateway_, patience, table)
        .receive([] {}, [this](const caf::error& error) { failure_ = from_caf_error(error).message; });
    neighbour_ = [this, configured, settings, table]() mutable {
      settings.incarnation = 78;
      table.part = 1;
      neighbours_.push_back(configured.spawn(system_, io_, settings));
      caf::anon_send(neighbours_.back(), table);
      return ask<std::string>(neighbours_.back(), ReadAddress{});
    };
  }
  ~Hive() {
    neighbours_.push_back(std::exchange(gateway_, nullptr));
    for (auto& gateway : neighbours_) {
      caf::scoped_actor waiter(system_);
      waiter->monitor(gateway);
      waiter->send_exit(gateway, caf::exit_reason::user_shutdown);
      waiter->receive([](const caf::down_msg&) {});
    }
    neighbours_.clear();
    caf::scoped_actor self(system_);
    self->send_exit(bee_, caf::exit_reason::user_shutdown);
    bee_ = nullptr;
    io_.stop();
  }

  /// Opens another gateway of the same node on the same bee, which does not answer it; returns its address.
  [[nodiscard]] std::string open_neighbour() { return neighbour_(); }
  void shed(const std::string& why) { io_.shed(why); }
  void take_again() { io_.take_again(); }
  [[nodiscard]] IoThreads& io() { return io_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::string address() { return ask<std::string>(gateway_, ReadAddress{}); }
  [[nodiscard]] GatewayCounters counters() { return ask<GatewayCounters>(gateway_, ReadCounters{}); }
  [[nodiscard]] GatewayCounters drain(std::chrono::milliseconds time_max = std::chrono::milliseconds::max()) {
    const auto counters = ask<GatewayCounters>(gateway_, Drain{time_max});
    if (answers_) {
      EXPECT_EQ(counters.requests,
                counters.answered + counters.failed + counters.expired + counters.abandoned + counters.lost);
    }
    return counters;
  }
  [[nodiscard]] GatewayCounters end_intake() { return ask<GatewayCounters>(gateway_, EndIntake{}); }
  /// The bee is down for good, as a new table says.
  void give_up_bee() {
    ++table_.generation;
    table_.edges.front().receivers = {caf::actor()};
    caf::anon_send(gateway_, table_);
  }
  void reload() { caf::anon_send(gateway_, Reload{}); }
  void begin_drain_of_swarm() { caf::anon_send(gateway_, DrainBegins{}); }
  void cease() { caf::anon_send(gateway_, Cease{}); }
  void start_drain() { caf::anon_send(gateway_, Drain{}); }
  [[nodiscard]] Texts accepted() { return ask<Texts>(bee_, ReadAccepted{}); }
  [[nodiscard]] std::uint64_t taken() { return ask<std::uint64_t>(bee_, ReadTaken{}); }
  /// Of the records that the bee has sent out, those that it need not keep any longer.
  [[nodiscard]] std::uint64_t done() { return ask<std::uint64_t>(bee_, ReadDone{}); }
  void script(Script script) { caf::anon_send(bee_, Change{script}); }
  void answer_with(std::function<Record(const Record&)> make) { caf::anon_send(bee_, AnswerWith{std::move(make)}); }
  /// What answers say from now on that their requests spent in bees.
  void spend(std::chrono::nanoseconds time) { caf::anon_send(bee_, Spend{time}); }
  void send_out(Texts lines, ContentKind kind = ContentKind::json) {
    caf::anon_send(bee_, SendOut{std::move(lines), kind});
  }
  [[nodiscard]] LogLines& log() { return log_; }
  [[nodiscard]] const caf::actor& gateway() const { return gateway_; }

 private:
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{1});
    }
  };

  template <class Answer, class Question>
  Answer ask(const caf::actor& whom, Question question) {
    Answer result{};
    caf::scoped_actor self(system_);
    self->request(whom, patience, question)
        .receive([&](Answer& answer) { result = std::move(answer); },
                 [](const caf::error&) { ADD_FAILURE() << "no answer to a request"; });
    return result;
  }

  LogLines log_;
  Config config_;
  caf::actor_system system_{config_};
  IoThreads io_;
  bool answers_;
  caf::actor gateway_;
  caf::actor bee_;
  RoutingTable table_;
  std::vector<caf::actor> neighbours_;
  std::function<std::string()> neighbour_;
  std::string failure_;
};

}  // namespace skep::testing
