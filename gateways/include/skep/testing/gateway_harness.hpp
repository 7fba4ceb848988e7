#pragma once
// Runs one custom gateway in a test: virtual time, and the test in the place of the swarm.
//
//   skep::testing::GatewayHarness<Lines> gateway({.listen = "127.0.0.1:0"});
//   ASSERT_TRUE(gateway.started()) << gateway.failure();
//   client.send("hello");
//   gateway.run();
//   gateway.answer(gateway.submitted().at(0), "HELLO");
//
// All that is around the object is what production runs: admission, limits, order of answers, deadlines, drain, counts.
// Its descriptors are looked at by each call that runs something. Link skep::testing. Threads: one; those of the
// gateway's own may call its context, and are heard at the next `run`.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "skep/gateways/gateway.hpp"
#include "skep/gateways/gateway_class.hpp"

namespace skep::testing {

struct GatewayHarnessSettings {
  using Value = std::variant<bool, std::int64_t, std::string>;

  bool answers = true;    ///< as with `answers` in a swarm file
  bool delivers = false;  ///< as with `from`
  /// Keys that every gateway has, as a swarm file has them: {{"deadline", "2s"}, {"requests_max", 1}}.
  std::vector<std::pair<std::string, Value>> keys{};
  std::uint32_t window = 1024;                 ///< records that may wait at the gateway, and at the swarm
  Delivery delivery = Delivery::at_most_once;  ///< of what is delivered
};

/// The part of GatewayHarness that does not depend on the class.
class GatewayHarnessBase {
 public:
  struct LogLine {
    LogLevel level;
    std::string text;
  };

  /// Starts it. Throws std::invalid_argument for keys that are wrong.
  GatewayHarnessBase(GatewayDescription description, GatewayFactory factory, GatewayHarnessSettings settings);
  GatewayHarnessBase(const GatewayHarnessBase&) = delete;
  GatewayHarnessBase& operator=(const GatewayHarnessBase&) = delete;
  ~GatewayHarnessBase();

  [[nodiscard]] bool started() const noexcept;
  /// Why it did not start, or has ended since by itself; empty: it runs.
  [[nodiscard]] const std::string& failure() const noexcept;
  /// After a failure: a new object in its place, as the supervisor would do. What the swarm had is forgotten.
  void restart();
  [[nodiscard]] std::string address() const;

  /// Runs what can run now; time stands still.
  void run();
  /// Time passes: timers and deadlines come due in their order.
  void advance(std::chrono::nanoseconds duration);

  /// Records that the swarm has taken, in order.
  [[nodiscard]] const std::vector<Record>& submitted() const noexcept;
  /// A bee answers one; again, late or to nobody: as a bee might.
  void answer(const Record& record, std::string_view text);
  void answer(const Record& record, const Payload& payload);
  void fail(const Record& record, errc code, std::string_view message);
  /// The swarm takes nothing: `window` records wait before it, then as many at the gateway. And goes on.
  void stand_still();
  void go_on();

  /// A bee sends a record out.
  void deliver(std::string_view text);
  void deliver(const Payload& payload);
  /// Of those, how many have not been taken: the bee waits with them.
  [[nodiscard]] std::uint64_t undelivered() const;

  /// Drains it, for as long as it takes. What follows is refused.
  GatewayCounters stop();
  [[nodiscard]] GatewayCounters counters() const;
  [[nodiscard]] const std::vector<LogLine>& log() const noexcept;

 protected:
  [[nodiscard]] Gateway& object() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

template <class T>
class GatewayHarness : public GatewayHarnessBase {
 public:
  using Options = typename GatewayClass<T>::Options;

  explicit GatewayHarness(Options options = {}, GatewayHarnessSettings settings = {})
      : GatewayHarnessBase(
            GatewayClass<T>("test.gateway").description(),
            [options = std::move(options)] { return make_gateway<T>(options); }, std::move(settings)) {}

  /// The object itself. Throws std::logic_error where there is none. Valid until it fails, or the harness goes.
  [[nodiscard]] T& gateway() const { return static_cast<T&>(object()); }
};

}  // namespace skep::testing
