#pragma once
// The class that users write to bring records into a swarm, or out of it, by a way of their own: another protocol, a
// device, a library with threads.
//
// What all gateways have in common is done around it: admission, budgets, `overflow`, deadlines, the first answer
// wins, drain, counts, metrics, restarts. Lifetime: the runtime owns the object; a restart makes a new one.
//
// Threads: all functions of Gateway, its constructor and destructor are called by one I/O loop, which other gateways
// of the node share, one at a time; another thread may have the loop after a while, so keep nothing in `thread_local`.
// Return within about a millisecond, never wait there. What blocks has a thread of its own, which
// the class starts in `on_start`, ends in its destructor, and which calls the GatewayContext. A throw out of a callback
// ends this gateway only: it is restarted, and answers to what the old object submitted come to nobody. A call that
// does not return is named in the log. [WRITING_GATEWAYS.md](docs/WRITING_GATEWAYS.md) has all of it with examples.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skep/actors/bee.hpp"
#include "skep/actors/log_sink.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/serialization/record.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// One that was submitted; given by the context.
enum class SubmissionId : std::uint64_t { none = 0 };
/// One client of a custom gateway, as far as it tells them apart.
enum class GatewaySession : std::uint64_t { none = 0 };

/// What is to become a record.
struct Submission {
  Payload payload{};  ///< bytes that it borrows are copied
  /// Orders and partitions; none: the session's key, or one for all that have no session. A path in the file (`key`,
  /// `event_time`) goes before what is said here.
  std::optional<std::string> key{};
  std::optional<EventTime> event_time{};  ///< none: when it is taken up
  /// Answers to one session come in the order of its submissions, those to none as they come.
  GatewaySession session = GatewaySession::none;
  std::uint64_t tag = 0;  ///< any number; comes back with the answer
};

/// What the swarm has to say to a submission.
struct Answered {
  SubmissionId submission{};
  GatewaySession session{};
  std::uint64_t tag = 0;
  Record record{};                   ///< the answer; empty where `failure` says why there is none
  std::optional<Failure> failure{};  ///< as other gateways tell their clients

  [[nodiscard]] bool ok() const noexcept { return !failure; }
  /// The bytes of the answer, or the failure as JSON: what a line or message of another gateway holds.
  [[nodiscard]] std::string text() const;
};

/// What a gateway may ask of its surroundings. Valid from `on_start` until the object is gone.
class GatewayContext {
 public:
  virtual ~GatewayContext();

  // From any thread.

  /// Hands over what is to be a record; never waits. Where the swarm answers, `on_answer` follows once, with a failure
  /// if it is not admitted after all; where it does not, only with such a failure. It may be called before this
  /// returns.
  ///
  /// Errors, after which no `on_answer` comes: `errc::too_large` (payload_bytes_max, the key), `errc::unavailable` (no
  /// such session; the gateway drains, has failed, or is closed), `errc::overloaded`: more than
  /// limits::gateway_submissions_max, or gateway_submission_bytes_max, wait. With `overflow = "block"` that is no
  /// refusal but a request to wait: keep it, and try again after `await_room`, or with the next `on_readable`.
  virtual Result<SubmissionId> submit(Submission submission) = 0;
  /// A client. Errors: `errc::overloaded` (sessions_max), `errc::unavailable`.
  virtual Result<GatewaySession> open_session() = 0;
  /// The client is gone: what it asked for is cancelled and never answered, its record dropped where bees find it.
  virtual void close_session(GatewaySession session) = 0;
  /// The same for one submission without a session.
  virtual void cancel(SubmissionId submission) = 0;
  /// Waits until `submit` has room; false once it will never have, or after `time_max`. Throws std::logic_error in a
  /// callback of a gateway, for which the I/O thread would wait for itself.
  virtual bool await_room(std::chrono::nanoseconds time_max) = 0;
  /// Nothing more is taken: it drains, or has failed.
  [[nodiscard]] virtual bool closed() const = 0;
  /// `deliver` is not called until `resume_deliveries`: the swarm waits meanwhile.
  virtual void pause_deliveries() = 0;
  virtual void resume_deliveries() = 0;
  /// Ends this gateway as a throw out of a callback does; of several reasons the first counts.
  virtual void fail(std::string why) = 0;
  virtual void log(LogLevel level, std::string_view text) = 0;

  // From callbacks only.

  [[nodiscard]] virtual std::string_view name() const = 0;  ///< in its swarm
  [[nodiscard]] virtual bool answers() const = 0;           ///< submissions are answered: `answers` in the file
  [[nodiscard]] virtual bool delivers() const = 0;          ///< bees send to it: `from` in the file
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
  [[nodiscard]] virtual EventTime wall_clock() const = 0;
  /// As bees have them (BeeContext); `on_timer` follows.
  virtual TimerId start_timer(std::chrono::nanoseconds delay) = 0;
  virtual void cancel_timer(TimerId timer) = 0;
  /// `on_readable` is called while there is something to read, until `unwatch`, or the drain; not while a gateway with
  /// `overflow = "block"` has no room. Unwatch it before you close it. Throws std::system_error for what cannot be
  /// waited for, std::length_error past limits::gateway_watches_max.
  virtual void watch(int descriptor) = 0;
  virtual void unwatch(int descriptor) = 0;
  /// Where it listens, with the port the system gave, for logs and tests. Say so in `on_start`.
  virtual void set_address(std::string address) = 0;
};

class Gateway {
 public:
  virtual ~Gateway();

  /// Opens what it reads from and writes to. A throw is a failed start, with what it says as the reason.
  virtual void on_start(GatewayContext& context);
  virtual void on_answer(const Answered& answer);
  /// A record that bees send out; it has gone when this returns. BadRecord: it cannot be sent, and is lost.
  virtual void deliver(const Record& record);
  /// Read a bounded number of times, without waiting: you are called again.
  virtual void on_readable(int descriptor);
  virtual void on_timer(TimerId timer);
  /// After the last answer and record of a drain. Not after a failure, nor where the drain runs out of time: what must
  /// be closed is closed by the destructor.
  virtual void on_stop();

 protected:
  Gateway() = default;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
};

}  // namespace skep
