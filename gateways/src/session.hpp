#pragma once
// One client's connection to a gateway, whatever carries it.
//
// It turns bytes into payloads for GatewayCore::submit and answers into bytes. Lifetime: GatewayCore holds it while it
// is open, its pending operations until they have ended; `abort` cuts it from a gateway that goes first.
// Threads: the I/O thread.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "out_buffer.hpp"
#include "reply_sequencer.hpp"
#include "sent_records.hpp"

namespace skep {

class GatewayCore;

/// What its records are ordered and partitioned by where nothing else is asked for: one client's alone, also beside
/// other gateways and after a restart. "1p2k3m4n5q6rs-7": the incarnation in base 36 and the session's number.
[[nodiscard]] std::string session_key(std::uint64_t incarnation, std::uint64_t session);

class Session : public boost::intrusive_ref_counter<Session, boost::thread_unsafe_counter> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A client's, answered in order, unless `replies` says otherwise.
  explicit Session(GatewayCore& gateway, std::unique_ptr<OpenRequests> replies = std::make_unique<ReplySequencer>());
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts to read. Called once, after the gateway has taken it.
  virtual void start() = 0;
  /// Queues one answer, or one record of a gateway that sends out. Returns what goes to the peer: of an answer that the
  /// session's form cannot hold, an error. Ends no session and calls nobody: `flush` does.
  virtual Outgoing write(const Answer& answer, Outgoing what) = 0;
  /// Hands what is queued to the operating system, as far as that takes it; GatewayCore::delivered hears of it.
  virtual void flush() = 0;
  [[nodiscard]] virtual std::size_t unwritten() const = 0;              ///< bytes queued; of messages their memory
  [[nodiscard]] virtual FrameCounts undelivered() const { return {}; }  ///< queued, and not gone to its end
  /// Input that had to wait (GatewayCore::may_take) may go on.
  virtual void go_on() = 0;
  /// The gateway drains: takes no more input, answers go on.
  virtual void end_input() = 0;
  /// Closes in good order once all answers are written.
  virtual void finish() = 0;
  /// Closes at once; the gateway is not told.
  virtual void abort() noexcept = 0;
  /// It has not shown its token, and `why`: closes at once, which the gateway is told.
  virtual void turn_out(const std::string& /*why*/) {}
  /// Other tokens are right now. If its own is not it takes no more, and ends as soon as what it asked before is
  /// answered: returns whether that is so.
  virtual bool judge_again() { return false; }
  /// Where it comes from, for the log: " from 10.0.0.9:40222 (token billing)"; "" for a file.
  [[nodiscard]] virtual std::string from() const { return {}; }
  /// Whether records of a gateway that sends out go to it now.
  [[nodiscard]] virtual bool takes_records() const = 0;
  /// Why it cannot be sent a record, of a kind or with bytes that its form has no place for.
  [[nodiscard]] virtual std::optional<std::string> unfit(const Record&) const { return std::nullopt; }
  /// What it sent was not admitted; the failure follows as an answer, if it hears of that.
  virtual void refused(const Failure&) {}
  [[nodiscard]] virtual bool hears_refusals() const { return true; }
  /// Acts on what is overdue; returns when to look again.
  [[nodiscard]] virtual std::optional<Time> check(Time now) = 0;

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  [[nodiscard]] OpenRequests& replies() noexcept { return *replies_; }
  [[nodiscard]] const OpenRequests& replies() const noexcept { return *replies_; }
  [[nodiscard]] std::size_t backlog() const { return replies_->held_bytes() + unwritten(); }
  /// Memory for what has come from it and is no request yet, and for what waits to be written to it.
  [[nodiscard]] virtual std::size_t input_memory() const { return 0; }
  [[nodiscard]] virtual std::size_t output_memory() const { return unwritten(); }

 protected:
  GatewayCore* gateway_;  ///< null once closed

 private:
  friend class GatewayCore;
  friend class BufferRoom;

  std::unique_ptr<OpenRequests> replies_;
  std::uint64_t id_;
  std::string key_;
  std::size_t drawn_ = 0;       ///< of the node's payload budget, for requests whose answers are not on their way
  std::size_t buffers_ = 0;     ///< the same, for its buffers
  SentRecords::Share records_;  ///< that its gateway sends out
  bool told_unread_ = false;    ///< it knows that no bee reads what it sends
  bool uncounted_ = false;      ///< it is no client
  bool turned_away_ = false;    ///< there were too many when it came
  bool touched_ = false;        ///< is in GatewayCore's list of sessions to deliver to
  bool waits_ = false;          ///< is in GatewayCore's list of sessions that wait for the swarm
  bool starves_ = false;        ///< is in BufferRoom's list of those that wait for room
};

using SessionPtr = boost::intrusive_ptr<Session>;

}  // namespace skep
