#pragma once
// Runs one bee in a test: no actor system, virtual time, the runtime's own handling of failures.
//
//   skep::testing::BeeHarness<Normalize> bee({.scale = 16});
//   bee.send(R"({"pixels": [0, 16]})");
//   EXPECT_EQ(bee.emitted().at(0).text(), ...);

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/bee_runner.hpp"

namespace skep::testing {

/// A record as a gateway would make it: JSON, a session as its key, a client that waits for an answer.
[[nodiscard]] Record make_record(std::string_view json);
[[nodiscard]] Record make_record(const Payload& payload);

/// The part of BeeHarness that does not depend on the class.
class BeeHarnessBase {
 public:
  struct LogLine {
    LogLevel level;
    std::string text;
  };

  BeeHarnessBase(const BeeRegistry::Entry& entry, BeeFactory factory, std::vector<PortDescription> outputs);
  ~BeeHarnessBase();

  void send(std::string_view json) { send(make_record(json)); }
  void send(Record record);
  void send_batch(std::vector<Record> records);
  /// Moves the clock; timers that fall due on the way fire in order.
  void advance(std::chrono::nanoseconds duration);
  void stop();

  /// Since the last `clear`: what was emitted on a port, and what clients were told.
  [[nodiscard]] const std::vector<Record>& emitted(std::string_view port = "default") const;
  [[nodiscard]] const std::vector<Record>& replies() const;
  [[nodiscard]] const std::vector<Record>& failures() const;  ///< errors: `fail`, BadRecord, throws
  [[nodiscard]] const std::vector<Record>& drops() const;
  [[nodiscard]] const std::vector<LogLine>& log() const;
  [[nodiscard]] std::uint64_t rebuilds() const;
  void clear();

 private:
  class Context;
  void collect();

  std::unique_ptr<Context> context_;
  std::unique_ptr<BeeRunner> runner_;
  std::vector<PortDescription> outputs_;
  std::map<std::string, std::vector<Record>, std::less<>> emitted_;
  std::vector<Record> replies_, failures_, drops_;
};

template <class T>
class BeeHarness : public BeeHarnessBase {
 public:
  using Options = typename BeeClass<T>::Options;

  explicit BeeHarness(Options options = {}) : BeeHarness(configure(std::move(options))) {}

  /// The object itself, rebuilt or not. Valid until the next failure.
  [[nodiscard]] T& bee();

 private:
  struct Parts {
    BeeRegistry::Entry entry;
    BeeFactory factory;
    std::vector<PortDescription> outputs;
  };
  explicit BeeHarness(Parts parts) : BeeHarnessBase(parts.entry, std::move(parts.factory), std::move(parts.outputs)) {}
  static Parts configure(Options options);
};

}  // namespace skep::testing
