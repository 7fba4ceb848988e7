#pragma once
// Runs a whole swarm in a test: no threads, no sockets, virtual time, one seed.
//
//   SwarmHarness swarm(R"(name = "hello" ...)", bees);
//   ASSERT_TRUE(swarm.started()) << swarm.problems();
//   EXPECT_EQ(swarm.gateway("door").request("Ada").text(), "Hello, Ada! Goodbye!");
//
// Everything but sockets and threads is what production runs: the reader of swarm files, lint, bees in their actors,
// edges with their credit, the supervisor, the gateways' admission, order of replies, deadlines and drain. Instead of a
// socket's each gateway has clients in memory, whatever its type; where it would listen is kept and ignored. Dedicated
// bees and the supervisor run as shared. Code takes no time unless it says so (`spend`).
//
// Link skep::testing. Lifetime: outlives what it gave out. Threads: one.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/runtime/swarm.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/serialization/record.hpp"

namespace skep {
class SwarmBuilder;
}

namespace skep::testing {

class MemoryGateway;  // gateways/src/testing
struct MemoryClient;

/// What a client got for a request.
class Reply {
 public:
  enum class Kind : std::uint8_t {
    none,    ///< nothing came
    record,  ///< an answer
    failure,
  };

  Reply() = default;
  Reply(Record record, std::string text);
  Reply(Failure failure, std::string text);

  [[nodiscard]] bool answered() const noexcept { return kind_ != Kind::none; }
  [[nodiscard]] bool ok() const noexcept { return kind_ == Kind::record; }
  /// What follows throws std::logic_error, which says what there was instead.
  [[nodiscard]] const std::string& text() const;  ///< as the client reads it; an error is JSON
  [[nodiscard]] const Record& record() const;
  [[nodiscard]] const Failure& failure() const;

 private:
  Kind kind_ = Kind::none;
  std::string text_;
  Record record_;
  Failure failure_{};
};

struct SwarmHarnessSettings {
  BeeRegistry bees{};  ///< classes of the test's own, beside `skep.*`
  /// Gateway classes of the test's own. As every type they have clients in memory here: see GatewayHarness for what
  /// they do themselves.
  GatewayRegistry gateways{};
  /// Where the plug-ins are that the file names. Empty: none is loaded, and their classes are to be in `bees`.
  std::vector<std::string> plugins{};
  std::map<std::string, std::string> environment{};  ///< for `${NAME}` in the file
  /// Stands in for every engine of `skep.model` (FakeEngine); no model file is read then. Stays the test's.
  Engine* engine = nullptr;
  std::uint64_t seed = 1;                                                         ///< of ids and of what bees draw
  EventTime wall_clock = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};  ///< when the swarm starts
  std::chrono::nanoseconds request_time_max = std::chrono::hours(1);  ///< that `request` waits for an answer
  std::uint64_t steps_max = 10'000'000;  ///< messages that one call runs, before it throws std::runtime_error
  std::size_t log_lines_max = 100'000;   ///< kept: the newest, and up to as many before them
  BeeCalls* calls = nullptr;             ///< where bees show their calls to whoever watches from another thread
  LogSink on_log{};                      ///< told every line at once; may be empty
};

class SwarmHarness {
 public:
  class Gateway;
  class Session;
  struct LogLine {
    LogLevel level;
    std::string source;
    std::string text;
  };

  /// Reads, checks and starts a swarm. What is wrong with it is no exception: ask `started`.
  explicit SwarmHarness(std::string_view toml, SwarmHarnessSettings settings);
  explicit SwarmHarness(std::string_view toml, BeeRegistry bees = {});
  /// One that is built in code; its builder's classes are to be in `settings.bees`.
  explicit SwarmHarness(const SwarmBuilder& swarm, SwarmHarnessSettings settings);
  [[nodiscard]] static SwarmHarness from_file(const std::string& path, SwarmHarnessSettings settings = {});
  SwarmHarness(SwarmHarness&& other) noexcept;
  SwarmHarness& operator=(SwarmHarness&& other) noexcept;
  /// Starts what was read and checked already; what it was checked with outlives the harness. `bees`, `plugins`,
  /// `environment` and `engine` are of no use then.
  [[nodiscard]] static SwarmHarness from_plan(SwarmPlan plan, SwarmHarnessSettings settings = {});
  ~SwarmHarness();  ///< as ~Swarm: what was not drained is lost

  [[nodiscard]] bool started() const noexcept;
  /// A line for each mistake and warning of the file, then why it did not start, if it was right.
  [[nodiscard]] std::string problems() const;
  /// Throws std::invalid_argument for a name that no gateway has. All that follows throws std::logic_error if the swarm
  /// did not start.
  [[nodiscard]] Gateway gateway(std::string_view name);

  /// Time passes: timers, batch delays, deadlines and back-off come due in their order, and what they set off is run.
  void advance(std::chrono::nanoseconds duration);
  /// The same until `done`, at the very message, for `time_max` at most. Returns whether it came to that.
  bool advance_until(const std::function<bool()>& done, std::chrono::nanoseconds time_max);
  /// Moves the clock from inside a bee or an engine: its work takes so long.
  void spend(std::chrono::nanoseconds duration);
  [[nodiscard]] std::chrono::steady_clock::time_point now() const;

  /// As Swarm has them.
  [[nodiscard]] SwarmTotals totals() const;
  [[nodiscard]] Supervision supervision() const;
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] DeadLetters& dead_letters() const;
  [[nodiscard]] Result<void> replay(DeadLetterId id);
  [[nodiscard]] Result<SwarmTotals> drain(std::chrono::milliseconds time_max = std::chrono::seconds(60));
  [[nodiscard]] const std::vector<LogLine>& log() const;  ///< all levels
  [[nodiscard]] std::uint64_t log_lines_lost() const;     ///< older than those

 private:
  struct Parts;
  explicit SwarmHarness(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// One client, connected. A cheap value. What is sent goes as bytes: as the gateway's settings say what they are. For a
/// websocket, text and JSON payloads are text messages, all other payloads binary.
class SwarmHarness::Session {
 public:
  /// Sends, and runs the swarm until the answer is there, or `request_time_max` has passed, or nothing is left to do.
  /// Throws std::logic_error where the gateway answers nobody: use `send`.
  Reply request(std::string_view bytes);
  Reply request(const Payload& payload);
  /// Sends, and runs what can run now; time stands still. The answer, if one will come, is one of `replies`.
  void send(std::string_view bytes);
  void send(const Payload& payload);
  /// The same for what one read of a socket brings: all of it is admitted, or not, before a bee sees any.
  void send_together(const std::vector<std::string>& all);
  void send_payloads(std::span<const Payload> together);

  /// What has come so far, in the order in which it came: that of the requests.
  [[nodiscard]] std::vector<Reply> replies() const;
  /// The same without the first `from`, `count_max` at most.
  [[nodiscard]] std::vector<Reply> replies(std::size_t from, std::size_t count_max) const;
  [[nodiscard]] std::size_t reply_count() const;
  /// Until either side closes it.
  [[nodiscard]] bool open() const;
  void close();

 private:
  friend class Gateway;
  Session(Parts& parts, MemoryGateway& gateway, MemoryClient& client)
      : parts_(&parts), gateway_(&gateway), client_(&client) {}

  Parts* parts_;
  MemoryGateway* gateway_;
  MemoryClient* client_;
};

/// A gateway by its name. A cheap value.
class SwarmHarness::Gateway {
 public:
  [[nodiscard]] Session connect();
  /// From a fresh session.
  Reply request(std::string_view bytes) { return connect().request(bytes); }
  Reply request(const Payload& payload) { return connect().request(payload); }
  void send(std::string_view bytes) { connect().send(bytes); }
  void send(const Payload& payload) { connect().send(payload); }

  /// The records that went out here, of a gateway that bees send to.
  [[nodiscard]] const std::vector<Record>& sent() const;
  /// One of these as its peer reads it.
  [[nodiscard]] std::string sent_text(std::size_t index) const;
  [[nodiscard]] GatewayCounters counters() const;

 private:
  friend class SwarmHarness;
  Gateway(Parts& parts, MemoryGateway& gateway) : parts_(&parts), gateway_(&gateway) {}

  Parts* parts_;
  MemoryGateway* gateway_;
};

}  // namespace skep::testing
