#include "skep/testing/gateway_harness.hpp"

#include <poll.h>
#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <cassert>
#include <functional>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "custom_messages.hpp"
#include "custom_transport.hpp"
#include "gateway_actor.hpp"
#include "gateway_plan.hpp"
#include "node_admission.hpp"
#include "skep/actors/caf_error.hpp"
#include "skep/actors/edge_inputs.hpp"
#include "skep/gateways/limits.hpp"
#include "testing/actor_wakeup.hpp"
#include "testing/virtual_time.hpp"

namespace skep::testing {
namespace {

constexpr std::uint64_t steps_max = 10'000'000;
constexpr int reads_max = 100'000;  ///< of what is readable, in one run: a gateway that reads nothing would go on

/// To the gateway: this descriptor is readable.
struct Readable {
  int descriptor;
};
/// To the swarm's end.
struct Connect {};
struct Work {};
struct SendAnswer {
  Record record;
};
struct SendOut {
  Record record;
};
struct EndGateway {};

}  // namespace
}  // namespace skep::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Readable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Connect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::Work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::SendAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::SendOut)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::testing::EndGateway)

namespace skep::testing {
namespace {

/// What the actors share with the test; all of it runs in its thread.
struct Scene {
  CustomTransport* transport = nullptr;  ///< while the gateway lives
  bool started = false;
  std::string failure;
  std::vector<Record> submitted;
  std::optional<GatewayCounters> counters;  ///< the answer to the last question
  std::uint64_t delivered = 0;              ///< handed to the gateway
  std::uint64_t taken = 0;                  ///< of these
  bool stands_still = false;
};

class HarnessGatewayActor final : public GatewayActor {
 public:
  HarnessGatewayActor(caf::actor_config& config, Scene& scene, NodeAdmission& admission, GatewayPlan plan,
                      GatewaySettings settings)
      : GatewayActor(config, {ActorWakeup::maker(*this), admission}, seen(std::move(plan), scene), std::move(settings)),
        scene_(scene) {}

  void on_exit() override {
    scene_.transport = nullptr;
    GatewayActor::on_exit();
  }

 protected:
  caf::behavior make_behavior() override {
    return caf::message_handler{
        [](const Woken& message) { ActorWakeup::take(message); },
        [this](const Readable& message) {
          if (scene_.transport != nullptr) scene_.transport->readable(message.descriptor);
        },
    }
        .or_else(handlers());
  }

 private:
  static GatewayPlan seen(GatewayPlan plan, Scene& scene) {
    plan.make = [make = std::move(plan.make), &scene](GatewayCore& core) {
      auto transport = make(core);
      scene.transport = static_cast<CustomTransport*>(transport.get());
      return transport;
    };
    return plan;
  }

  Scene& scene_;
};

/// The bee behind the gateway, which does what the test says.
class SwarmEnd final : public caf::event_based_actor {
 public:
  SwarmEnd(caf::actor_config& config, Scene& scene, caf::actor gateway, const GatewayHarnessSettings& settings)
      : caf::event_based_actor(config),
        scene_(scene),
        gateway_(std::move(gateway)),
        settings_(settings),
        inputs_({.credit = {{settings.window, limits::node_payload_bytes_max}, {}}}) {
    set_down_handler([this](caf::down_msg& message) {
      scene_.started = false;
      if (message.reason) scene_.failure = from_caf_error(message.reason).message;
    });
    monitor(gateway_);
  }

  void on_exit() override {
    gateway_ = nullptr;
    inputs_.close();
  }

 protected:
  caf::behavior make_behavior() override {
    return {
        [this](Connect) { connect(); },
        [this](RecordBatch& batch) {
          waiting_.push_back(inputs_.receive(std::move(batch), current_sender()));
          work();
        },
        [this](Work) { work(); },
        [this](SendAnswer& message) {
          ReplyBatch answer;
          answer.batch.stamp = {clock().now(), Stamp::unknown};
          answer.batch.packet.records.push_back(std::move(message.record));
          send(gateway_, std::move(answer));
        },
        [this](SendOut& message) { send_out(std::move(message.record)); },
        [this](const BatchAck& message) { scene_.taken = message.ack.released.records; },
        [this](ReadCounters) { ask(ReadCounters{}); },
        [this](EndGateway) { ask(Drain{}); },
    };
  }

 private:
  void connect() {
    RoutingTable table;
    table.generation = 1;
    table.edges.push_back(
        {"gateway -> test", 0, {Route::any, Overflow::block, settings_.window}, {caf::actor(this)}, true});
    request(gateway_, caf::infinite, std::move(table))
        .then([this] { scene_.started = true; },
              [this](const caf::error& error) {
                scene_.transport = nullptr;  // the gateway has let go of it
                scene_.failure = from_caf_error(error).message;
              });
  }

  template <class Question>
  void ask(Question question) {
    request(gateway_, caf::infinite, question)
        .then([this](GatewayCounters& counters) { scene_.counters = std::move(counters); }, [](const caf::error&) {});
  }

  void work() {
    if (scene_.stands_still) return;
    for (auto& arrival : std::exchange(waiting_, {})) {
      for (const auto& record : arrival.records) scene_.submitted.push_back(record);
      inputs_.accepted(arrival, 0, arrival.records.size());
    }
    for (const auto& [to, message] : inputs_.take_acks()) send(caf::actor_cast<caf::actor>(to), message);
  }

  void send_out(Record record) {
    EdgePacket packet{.first = sent_, .prompt = true};
    packet.bytes = record.size();
    sent_ = sent_ + Quantity{1, record.size()};
    packet.records.push_back(std::move(record));
    send(gateway_, RecordBatch{sender_key(0, 0, 0), 0, 0, std::move(packet)});
  }

  Scene& scene_;
  caf::actor gateway_;
  const GatewayHarnessSettings& settings_;
  EdgeInputs inputs_;
  std::vector<EdgeInputs::Arrival> waiting_;
  Quantity sent_;
};

class HarnessHost final : public GatewayHost {
 public:
  explicit HarnessHost(Scene& scene) : scene_(scene) {}

  caf::actor spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) override {
    return system.spawn<HarnessGatewayActor>(std::ref(scene_), std::ref(admission_), std::move(plan),
                                             std::move(settings));
  }

 private:
  Scene& scene_;
  NodeAdmission admission_{limits::node_payload_bytes_max};
};

OptionValue table_of(const GatewayHarnessSettings& settings) {
  OptionValue::Table table;
  for (const auto& [key, value] : settings.keys) {
    OptionValue option;
    std::visit([&](const auto& held) { option.value = held; }, value);
    table.push_back({key, {}, std::move(option)});
  }
  return {.value = std::move(table), .position = {}};
}

ConfiguredGateway configure(GatewayDescription description, GatewayFactory factory,
                            const GatewayHarnessSettings& settings) {
  GatewayRegistry registry;
  const auto type = description.type;
  const auto& ways = description.directions;
  if (settings.answers && !ways.answers) throw std::invalid_argument("the class has no way back for answers");
  if (settings.delivers && !ways.out) throw std::invalid_argument("the class sends nothing out");
  registry.add_class(std::move(description), [factory](const OptionValue&, SourcePosition) {
    return ReadGateway{.problems = {}, .factory = factory};
  });
  auto configured = registry.find(type)->configure(table_of(settings), {});
  std::string wrong;
  for (const auto& problem : configured.problems) {
    wrong += (wrong.empty() ? "" : "\n") + problem.message;
  }
  if (!wrong.empty()) throw std::invalid_argument(wrong);
  return configured;
}

}  // namespace

struct GatewayHarnessBase::Parts {
  Parts(ConfiguredGateway given, GatewayHarnessSettings of)
      : configured(std::move(given)),
        settings(std::move(of)),
        time(steps_max),
        meter(make_meter<GatewayMeter>(1)),
        host(scene) {}

  ~Parts() { end(); }

  void start() {
    GatewaySettings given;
    given.name = "gateway";
    given.swarm = "test";
    given.node = 1;
    given.incarnation = ++incarnation;
    given.answers = settings.answers;
    given.receives = settings.delivers;
    given.log = [this](LogLevel level, std::string_view, std::string_view text) {
      const std::scoped_lock lock(heard_mutex);
      heard.push_back({level, std::string(text)});
    };
    given.wall_clock = wall_clock();
    given.delivery = settings.delivery;
    given.meter = meter;
    gateway = configured.spawn(time.system(), host, std::move(given));
    swarm = time.system().spawn<SwarmEnd>(std::ref(scene), gateway, std::cref(settings));
    tell(Connect{});
    run();
  }

  [[nodiscard]] WallClock wall_clock() {
    WallClock clock;
    clock.at_zero = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} - time.now().time_since_epoch();
    return clock;
  }

  void end() {
    for (auto* actor : {&gateway, &swarm}) {
      if (*actor) caf::anon_send_exit(std::exchange(*actor, nullptr), caf::exit_reason::user_shutdown);
      time.settle();
    }
    hear();
    scene.started = false;
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(swarm, std::move(message));
  }

  void run() {
    for (int read = 0; read < reads_max; ++read) {
      caf::anon_send(gateway, TakeUp{});
      time.settle();
      if (!read_once()) return hear();
    }
    hear();
    throw std::runtime_error("a descriptor stays readable: on_readable does not read it");
  }

  /// What was logged so far, by any thread, can be looked at from now on.
  void hear() {
    const std::scoped_lock lock(heard_mutex);
    std::move(heard.begin(), heard.end(), std::back_inserter(log));
    heard.clear();
  }

  /// Tells the gateway of what is readable. False: nothing is.
  bool read_once() {
    if (scene.transport == nullptr || !scene.started) return false;
    std::vector<pollfd> all;
    for (const int descriptor : scene.transport->watched()) all.push_back({descriptor, POLLIN, 0});
    if (all.empty() || ::poll(all.data(), all.size(), 0) <= 0) return false;
    for (const auto& one : all) {
      if ((one.revents & (POLLIN | POLLHUP | POLLERR)) != 0) caf::anon_send(gateway, Readable{one.fd});
    }
    return true;
  }

  GatewayCounters ask() {
    if (!scene.counters) {  // it has ended
      GatewayCounters last;
      static_cast<GatewayCounts&>(last) = meter->counters.get();
      return last;
    }
    return *std::exchange(scene.counters, std::nullopt);
  }

  ConfiguredGateway configured;
  GatewayHarnessSettings settings;
  Scene scene;
  std::mutex heard_mutex;
  std::vector<LogLine> heard;  ///< under the lock: a gateway's own threads may log
  std::vector<LogLine> log;
  VirtualTime time;
  GatewayMeterPtr meter;
  HarnessHost host;
  caf::actor gateway, swarm;
  std::uint64_t incarnation = 0;
};

GatewayHarnessBase::GatewayHarnessBase(GatewayDescription description, GatewayFactory factory,
                                       GatewayHarnessSettings settings) {
  auto configured = configure(std::move(description), std::move(factory), settings);
  parts_ = std::make_unique<Parts>(std::move(configured), std::move(settings));
  parts_->start();
}

GatewayHarnessBase::~GatewayHarnessBase() = default;

bool GatewayHarnessBase::started() const noexcept {
  return parts_->scene.started;
}

const std::string& GatewayHarnessBase::failure() const noexcept {
  return parts_->scene.failure;
}

void GatewayHarnessBase::restart() {
  parts_->end();
  auto& scene = parts_->scene;
  scene = Scene{};
  parts_->meter = make_meter<GatewayMeter>(1);
  parts_->start();
}

std::string GatewayHarnessBase::address() const {
  const auto* transport = parts_->scene.transport;
  return transport == nullptr ? "" : transport->address();
}

void GatewayHarnessBase::run() {
  parts_->run();
}

void GatewayHarnessBase::advance(std::chrono::nanoseconds duration) {
  parts_->run();
  parts_->time.advance_to(parts_->time.now() + duration);
  parts_->run();
}

const std::vector<Record>& GatewayHarnessBase::submitted() const noexcept {
  return parts_->scene.submitted;
}

void GatewayHarnessBase::answer(const Record& record, std::string_view text) {
  answer(record, Payload::raw(text));
}

void GatewayHarnessBase::answer(const Record& record, const Payload& payload) {
  parts_->tell(SendAnswer{record.with(payload)});
  parts_->run();
}

void GatewayHarnessBase::fail(const Record& record, errc code, std::string_view message) {
  parts_->tell(SendAnswer{record.failure(code, message)});
  parts_->run();
}

void GatewayHarnessBase::stand_still() {
  parts_->scene.stands_still = true;
}

void GatewayHarnessBase::go_on() {
  parts_->scene.stands_still = false;
  parts_->tell(Work{});
  parts_->run();
}

void GatewayHarnessBase::deliver(std::string_view text) {
  deliver(Payload::raw(text));
}

void GatewayHarnessBase::deliver(const Payload& payload) {
  ++parts_->scene.delivered;
  parts_->tell(SendOut{Record(RecordHeader{}, payload)});
  parts_->run();
}

std::uint64_t GatewayHarnessBase::undelivered() const {
  return parts_->scene.delivered - parts_->scene.taken;
}

GatewayCounters GatewayHarnessBase::stop() {
  parts_->run();
  parts_->tell(EndGateway{});
  const auto done = [this] { return parts_->scene.counters.has_value(); };
  parts_->time.run_until(done, parts_->time.now() + std::chrono::hours(48));
  parts_->run();
  return parts_->ask();
}

GatewayCounters GatewayHarnessBase::counters() const {
  parts_->tell(ReadCounters{});
  parts_->run();
  return parts_->ask();
}

const std::vector<GatewayHarnessBase::LogLine>& GatewayHarnessBase::log() const noexcept {
  return parts_->log;
}

Gateway& GatewayHarnessBase::object() const {
  auto* transport = parts_->scene.transport;
  if (transport == nullptr || transport->object() == nullptr) throw std::logic_error("there is no gateway object");
  return *transport->object();
}

}  // namespace skep::testing
