#pragma once
// Runs one bee in a test: no actor system, virtual time, the runtime's own handling of failures.
//
//   skep::testing::BeeHarness<Normalize> bee({.scale = 16});
//   bee.send(R"({"pixels": [0, 16]})");
//   EXPECT_EQ(bee.emitted().at(0).text(), ...);
//   bee.send("[]");
//   EXPECT_EQ(bee.failures().at(0).message, "expected pixels");

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/bee_runner.hpp"
#include "skep/serialization/failure.hpp"

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

  /// A class of a registry with options as a file has them. Throws std::invalid_argument with what is wrong with them;
  /// every constructor throws std::runtime_error if `on_start` throws.
  BeeHarnessBase(const BeeRegistry& registry, std::string_view class_name, const OptionValue& options = {});
  BeeHarnessBase(const BeeRegistry::Entry& entry, BeeFactory factory, std::vector<PortDescription> outputs);
  ~BeeHarnessBase();

  /// As a gateway before it would: where the class reads records of one Cap'n Proto type, made from JSON by its schema.
  /// Throws BadRecord for JSON that is none of it.
  void send(std::string_view json);
  void send(const Payload& payload) { send(make_record(payload)); }
  void send(Record record);
  /// Records that arrived together: one call of `on_batch` where the class has one.
  void send_batch(std::vector<Record> records);
  /// Moves the clock; timers that fall due on the way fire in order. A bee whose rebuild failed is started again.
  void advance(std::chrono::nanoseconds duration);
  void stop();

  /// Since the last `clear`: what was emitted on a port, and what clients were told.
  [[nodiscard]] const std::vector<Record>& emitted(std::string_view port = "default") const;
  [[nodiscard]] const std::vector<Record>& replies() const;
  /// Errors, each with code, message and `retry_safe`: of `fail`, `reject`, BadRecord, throws and what was held ...
  [[nodiscard]] const std::vector<Failure>& failures() const;
  [[nodiscard]] const std::vector<Failure>& drops() const;  ///< ... and of `drop`
  [[nodiscard]] const std::vector<LogLine>& log() const;
  [[nodiscard]] std::uint64_t rebuilds() const;
  /// Now. What was held and is lost (a rebuild, `stop`) is one of `failures`.
  [[nodiscard]] std::size_t held() const;
  /// As `held_records_max` and `held_bytes_max` in a swarm file.
  void limit_held(HeldLimits limits);
  void clear();
  /// A Cap'n Proto record as clients see it, such as one of `emitted`; JSON as it is. Throws BadRecord.
  [[nodiscard]] std::string json(const Record& record) const;

 protected:
  struct Parts {
    BeeDescription description;
    ConfiguredBee bee;
  };
  explicit BeeHarnessBase(Parts parts);
  [[nodiscard]] Bee& object();

 private:
  class Context;
  void run_waiting();
  void collect();
  void collect(Outbox::Entry& entry);

  std::uint64_t input_type_ = 0;  ///< of what `send(json)` is made into; 0: it stays JSON
  std::unique_ptr<Context> context_;
  std::unique_ptr<BeeRunner> runner_;
  std::vector<PortDescription> outputs_;
  std::vector<Record> waiting_;  ///< sent while the bee could not run
  std::map<std::string, std::vector<Record>, std::less<>> emitted_;
  std::vector<Record> replies_;
  std::vector<Failure> failures_, drops_;
};

template <class T>
class BeeHarness : public BeeHarnessBase {
 public:
  using Options = typename BeeClass<T>::Options;

  explicit BeeHarness(Options options = {}) : BeeHarness(std::move(options), &make_bee<T>) {}
  /// For a class whose constructor takes more than its options: `make(options)` returns a unique_ptr<T>.
  template <class Make>
  BeeHarness(Options options, Make make) : BeeHarnessBase(configure(std::move(options), std::move(make))) {}

  /// The object itself, rebuilt or not. Valid until the next failure.
  [[nodiscard]] T& bee() { return static_cast<T&>(object()); }

 private:
  template <class Make>
  static Parts configure(Options options, Make make) {
    const auto bee_class = std::make_shared<const BeeClass<T>>("bee");
    auto outputs = bee_class->outputs(options);
    const auto& description = bee_class->description();
    return {description, {bee_factory<T>(bee_class, std::move(make), std::move(options)), std::move(outputs), {}}};
  }
};

}  // namespace skep::testing
