#pragma once
// One real gateway on a real I/O thread, with a scripted bee behind it: everything but the bee is what production runs.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/option_values.hpp"
#include "gateways/bee_script.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep::testing {

constexpr std::chrono::seconds patience{20};  ///< how long a test waits for what must happen

/// Looks until `seen` is true; fails the test when it never is.
void eventually(const std::function<bool()>& seen, const char* what);

/// Lines that a gateway logged.
class LogLines {
 public:
  /// `seen` is told of each line, on the gateway's thread.
  explicit LogLines(std::function<void(std::string_view line)> seen) : seen_(std::move(seen)) {}

  [[nodiscard]] LogSink sink();
  [[nodiscard]] LogFieldSink field_sink();
  [[nodiscard]] bool contain(const std::string& text);
  /// As nodes have it by default.
  [[nodiscard]] bool contain_at_info(const std::string& text);
  [[nodiscard]] std::string text();
  [[nodiscard]] std::size_t count(const std::string& text);

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
  explicit Hive(HiveSetup setup);
  Hive(const Hive&) = delete;
  Hive& operator=(const Hive&) = delete;
  ~Hive();

  /// Opens another gateway of the same node on the same bee, which does not answer it; returns its address.
  [[nodiscard]] std::string open_neighbour();
  void shed(const std::string& why);
  void take_again();
  [[nodiscard]] IoThreads& io();
  [[nodiscard]] const std::string& failure() const;
  [[nodiscard]] std::string address();
  [[nodiscard]] GatewayCounters counters();
  [[nodiscard]] GatewayCounters drain(std::chrono::milliseconds time_max = std::chrono::milliseconds::max());
  [[nodiscard]] GatewayCounters end_intake();
  /// The bee is down for good, as a new table says.
  void give_up_bee();
  void reload();
  void begin_drain_of_swarm();
  void cease(Cease how = {});
  void start_drain();
  [[nodiscard]] Texts accepted();
  [[nodiscard]] std::uint64_t taken();
  /// Of the records that the bee has sent out, those that it need not keep any longer.
  [[nodiscard]] std::uint64_t done();
  void script(Script script);
  void answer_with(std::function<Record(const Record&)> make);
  /// What answers say from now on that their requests spent in bees.
  void spend(std::chrono::nanoseconds time);
  void send_out(Texts lines, ContentKind kind = ContentKind::json);
  [[nodiscard]] LogLines& log();
  [[nodiscard]] const caf::actor& gateway() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace skep::testing
