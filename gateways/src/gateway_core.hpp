#pragma once
// What all gateways share: sessions, admission, the way of requests in and of answers back, records out, drain.
//
// A request: session -> `submit` -> record -> edge. Its answer: `take_replies` -> the session's ReplySequencer ->
// `write` in request order. What one turn of the loop brings travels together: sessions only mark what is to do, `turn`
// does it for all. Overload: with `reject` a request is refused with an error in its place; with `block` its session
// waits and reads no further than limits::session_read_ahead_bytes.
// Time is that of the actor system's clock: virtual in a test.
// Lifetime: owned by the gateway's actor. Threads: the actor's: the I/O thread, but in tests without sockets.

#include <caf/fwd.hpp>

#include <cassert>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "admission.hpp"
#include "buffer_room.hpp"
#include "gateway_options.hpp"
#include "net/loop.hpp"
#include "net/wakeup.hpp"
#include "node_admission.hpp"
#include "outbound.hpp"
#include "outlet.hpp"
#include "record_maker.hpp"
#include "sent_records.hpp"
#include "session.hpp"
#include "skep/gateways/gateway.hpp"
#include "transport.hpp"

namespace skep {

struct Cease;

/// What a gateway runs on.
struct GatewayThread {
  MakeWakeup wakeup;
  NodeAdmission& admission;
  IoThreads::Loop* loop = nullptr;  ///< null: there are no sockets here
};

/// Answers that came together.
struct Replies {
  std::vector<Record> records;
  Stamp stamp;
};

class GatewayCore {
 public:
  using Time = std::chrono::steady_clock::time_point;

  GatewayCore(caf::event_based_actor& self, GatewayThread thread, GatewaySettings settings, SharedOptions options);
  ~GatewayCore();
  GatewayCore(const GatewayCore&) = delete;
  GatewayCore& operator=(const GatewayCore&) = delete;

  // For the actor.
  [[nodiscard]] Result<void> start(RoutingTable table, const MakeTransport& make);
  void take_replies(Replies batch);
  void take_records(caf::strong_actor_ptr sender, RecordBatch batch);
  void take_ack(const BatchAck& message);
  /// Records wait for somebody to take them until drain_time_max from now: see DrainBegins.
  void limit_wait_for_peers();
  /// Takes no more; calls `ended` when all that was admitted is answered, or drain_time_max, or `time_max`, is over.
  /// Records still go out, until the drain. Asked again: the time of the first holds, as for `drain`.
  void end_intake(std::chrono::milliseconds time_max, std::function<void()> ended);
  /// Calls `drained` when all is answered, written and closed, or its time is over: drain_time_max, and close_time_max
  /// for clients to close; `time_max` for both. What is cut off then is counted.
  void drain(std::chrono::milliseconds time_max, std::function<void()> drained);
  /// There is no more time: closes at once and sends nothing more into the swarm; what is open, and records that still
  /// come, or came after the drain, is lost and counted; unless all has drained: see Cease.
  void cease(const Cease& how);
  /// Its actor has ended, whatever the reason: closes at once, and requests that are open are lost. Records that were
  /// to go out are not acknowledged, so that their senders have them for the next one.
  void end();
  /// The swarm behind it has failed: clients are told so from now on.
  void make_unavailable(std::string reason);
  /// Its transport may have something to take up.
  void take_up();
  /// Its transport reads its files again.
  void reload();
  /// Its transport can do nothing any more: all that is open is lost, and it closes at once.
  void break_off();
  [[nodiscard]] GatewayCounters counters() const;
  [[nodiscard]] std::string address() const;

  // For transports.
  enum class Admit : std::uint8_t {
    yes,
    full,       ///< there are too many (sessions_max): it is told so and ends, and is in no counter
    stranger,   ///< it has to show a token before it is a session like others: `enter`
    uncounted,  ///< no client: a session of the gateway's own making
  };
  void add(SessionPtr session, Admit admit = Admit::yes);
  [[nodiscard]] std::size_t session_count() const noexcept {
    return sessions_.size() - turned_away_ - uncounted_ - strangers_.size();
  }
  [[nodiscard]] std::size_t turned_away_count() const noexcept { return turned_away_; }
  [[nodiscard]] std::size_t stranger_count() const noexcept { return strangers_.size(); }
  /// Ends the strangers that came first, because of `why`.
  void end_oldest_strangers(std::size_t count, const std::string& why);
  /// Other tokens are right now: ends the sessions whose own is not. Returns how many.
  std::size_t judge_again();
  [[nodiscard]] bool has_loop() const noexcept { return loop_ != nullptr; }
  [[nodiscard]] caf::event_based_actor& self() noexcept { return self_; }
  [[nodiscard]] Time clock_now() const;
  [[nodiscard]] IoThreads::Loop& loop() noexcept { return assert(loop_ != nullptr), *loop_; }
  [[nodiscard]] const GatewaySettings& settings() const noexcept { return settings_; }
  [[nodiscard]] const SharedOptions& options() const noexcept { return options_; }
  [[nodiscard]] bool draining() const noexcept { return state_ != State::open; }
  void log(LogLevel level, std::string_view text, std::span<const LogField> fields = {}) const;
  /// What the transport counts has changed.
  void counts_changed() { turn_->soon(); }

  // For sessions.
  /// Another number than any session of the gateway has, whichever actor has it.
  [[nodiscard]] std::uint64_t next_session() noexcept {
    return last_session_++ * settings_.spread.threads + settings_.spread.thread + 1;
  }
  /// A stranger has shown a token that is right. Whether there is a place for it in this actor's part of
  /// `sessions_max`: else it is turned away.
  [[nodiscard]] bool enter(Session& session, std::size_t sessions_max);
  /// Before the requests of one read: takes the time.
  void arrived();
  [[nodiscard]] Time now() const noexcept { return now_; }  ///< of the last `arrived`
  [[nodiscard]] Take may_take(const Session& session) const;
  /// The session's input waits for the swarm.
  void wait(Session& session);
  /// What a session says of a record beside its bytes.
  struct Given {
    std::string_view key{};  ///< empty: the session's
    std::optional<EventTime> event_time{};
  };
  void submit(Session& session, const Payload& payload) { submit(session, payload, Given{}); }
  void submit(Session& session, const Payload& payload, const Given& given);
  /// No bee reads what comes in here.
  [[nodiscard]] bool unread() const noexcept { return outlet_.empty(); }
  void count_refused() noexcept { ++counters_.refused; }
  /// This request of it is wanted no more. Its place gets an answer nevertheless, for the session to drop.
  void abandon(Session& session, std::uint64_t request);
  /// Never admitted: the client is told, in its place.
  void refuse(Session& session, Failure failure);
  /// Answers and records have gone to the session's peer, or could not be written.
  void delivered(Session& session, const FrameCounts& what);
  void lost(Session& session, const FrameCounts& what);
  /// It can do its work no longer; the first reason is kept.
  void fail(std::string why);
  /// Its buffers in the node's budget: a session tells of every change, and gives something up, or waits (`blocks`),
  /// where there is no room.
  [[nodiscard]] BufferRoom& room() noexcept { return room_; }
  [[nodiscard]] bool blocks() const noexcept { return admission_.blocks(); }
  /// The session has something to deliver, or room again.
  void touch(Session& session);
  /// `check` of every session is called no later than `when`.
  void watch(Time when) { watch_->by(when); }
  enum class Left : std::uint8_t { by_peer, by_us };
  /// It has ended. Requests whose answers did not go to its peer are abandoned where that left, and else lost.
  void remove(Session& session, Left how = Left::by_peer);

 private:
  using Calls = std::vector<std::function<void()>>;
  enum class State : std::uint8_t { open, intake_ended, draining, closing, closed };

  [[nodiscard]] static std::size_t backlog(const Session& session);
  [[nodiscard]] AdmissionLoad load(const Session& session) const;
  [[nodiscard]] AdmissionLoad load_with_request(const Session& session, std::size_t bytes) const;
  void refuse_unread(Session& session);
  /// So many that were open have their answers, or will have none.
  void close_requests(std::uint64_t count) noexcept {
    assert(count <= counters_.requests_open);
    counters_.requests_open -= count;
  }
  void settle(Session& session);
  void release(Session& session);
  void answer_open(const Record& record, const Failure& failure);
  void answer_returned();
  [[nodiscard]] TypedAs answer_form(const Payload& request) const noexcept;
  [[nodiscard]] bool is_to_be_shown(const Record& record, TypedAs typed_as) const;
  [[nodiscard]] Answer readable(Record record, TypedAs typed_as) const;
  [[nodiscard]] Answer fit(const Session& session, const OpenRequests::Request& request, Record as_sent) const;
  [[nodiscard]] Session* find(const Origin& origin, Session* last) const;
  void turn();
  void send_out();
  [[nodiscard]] bool lose_unfit(const Answer& answer);
  void hand_out(const Answer& record, std::size_t peers);
  void acknowledge();
  [[nodiscard]] bool is_late() const noexcept;
  [[nodiscard]] bool anybody_takes() const;
  [[nodiscard]] bool peers_gone() const;
  void time_unheard();
  [[nodiscard]] std::optional<Time> report_unheard(Time now);
  void give_up_records();
  void publish();
  void measure(Time deadline, std::uint64_t requests, const Stamp& stamp, Time now);
  [[nodiscard]] std::size_t peers_ready() const;
  void report_unsent(const Failure& failure);
  void deliver_touched();
  void take_reply(Session& session, std::uint64_t number, const OpenRequests::Request& request, Record record);
  void write(Session& session, const Answer& answer);
  void deliver(Session& session);
  void wake_waiting();
  void look_after();
  [[nodiscard]] std::uint64_t expire(Session& session, Time now);
  void report_expired(std::uint64_t count, Time now);
  void log_expired();
  void stop_intake(std::chrono::milliseconds time_max);
  void advance_intake_end();
  void advance_drain();
  void close_all();
  void give_up_open(std::size_t records);
  void cut_off(Session& session);
  void cut_off_all();
  [[nodiscard]] std::uint64_t take_unfinished(Session& session);

  caf::event_based_actor& self_;
  IoThreads::Loop* loop_;
  NodeAdmission& node_admission_;
  GatewaySettings settings_;
  SharedOptions options_;
  Admission admission_;
  RecordMaker maker_;
  Outlet outlet_;
  Outbound outbound_;
  std::vector<std::pair<caf::strong_actor_ptr, RecordBatch>> late_;  ///< came after the drain; their senders keep them
  SentRecords sent_;
  std::unique_ptr<Transport> transport_;
  std::unordered_map<std::uint64_t, SessionPtr> sessions_;
  std::vector<SessionPtr> touched_;
  std::deque<SessionPtr> waiting_;
  WakeupPtr turn_;
  WakeupPtr watch_;
  BufferRoom room_;
  GatewayCounters counters_;
  std::uint64_t last_session_ = 0;     ///< of this actor
  std::size_t turned_away_ = 0;        ///< of `sessions_`
  std::size_t uncounted_ = 0;          ///< the same
  std::set<std::uint64_t> strangers_;  ///< the same; the oldest first
  Time now_{};
  EventTime event_time_{};
  State state_ = State::open;
  bool ceased_ = false;
  std::optional<Time> unheard_since_;  ///< records wait, and nobody takes any
  bool unfit_reported_ = false;        ///< of records that go out
  bool unsent_reported_ = false;       ///< of answers
  bool unheard_reported_ = false;
  std::optional<Time> expiry_reported_;  ///< when the last was
  std::uint64_t expired_unreported_ = 0;
  Time peers_until_ = Time::max();  ///< for somebody to take records
  Time drain_until_{};              ///< for requests
  Time close_until_{};              ///< for what is to be written, and for clients to close
  Time end_by_{};                   ///< at the latest
  Calls intake_ended_;
  Calls drained_;
  std::string unavailable_;  ///< why, if it is
};

}  // namespace skep
