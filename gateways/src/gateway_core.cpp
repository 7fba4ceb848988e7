#include "gateway_core.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <cassert>
#include <utility>

namespace skep {
namespace {

/// Records that go to the swarm before a read has been parsed to its end: finds out about credit in time.
constexpr std::size_t flush_records = 256;

RecordMakerSettings maker_settings(const GatewaySettings& settings, const SharedOptions& options) {
  return {settings.node,
          settings.gateway,
          settings.incarnation,
          settings.revision,
          options.key == "session" ? "" : options.key,
          options.event_time == "arrival" ? "" : options.event_time,
          *event_time_unit_from(options.event_time_unit),
          settings.payload_types,
          settings.input_type};
}

AdmissionLimits admission_limits(const GatewaySettings& settings, const SharedOptions& options) {
  return {settings.answers,
          options.overflow == "auto" ? !settings.answers : options.overflow == "block",
          settings.spread.part_of(static_cast<std::size_t>(options.requests_max)),
          static_cast<std::size_t>(options.session_requests_max),
          static_cast<std::size_t>(options.write_bytes_max.bytes),
          settings.spread.threads};
}

}  // namespace

GatewayCore::GatewayCore(caf::event_based_actor& self, GatewayThread thread, GatewaySettings settings,
                         SharedOptions options)
    : self_(self),
      loop_(thread.loop),
      node_admission_(thread.admission),
      settings_(std::move(settings)),
      options_(std::move(options)),
      admission_(admission_limits(settings_, options_)),
      maker_(maker_settings(settings_, options_)),
      outlet_(self, settings_),
      outbound_({.self = settings_.epoch, .delivery = settings_.delivery}),
      turn_(thread.wakeup([this] { turn(); })),
      watch_(thread.wakeup([this] { look_after(); })),
      room_(node_admission_, turn_) {}

GatewayCore::~GatewayCore() {
  node_admission_.remove(turn_);
  turn_->cancel();
  watch_->cancel();
  if (transport_) transport_->close();
  for (auto& [id, session] : sessions_) {
    release(*session);
    session->abort();
  }
  transport_.reset();  // a user's object may still ask for something
}

void GatewayCore::log(LogLevel level, std::string_view text, std::span<const LogField> fields) const {
  if (!fields.empty() && settings_.log_fields) return settings_.log_fields(level, settings_.name, text, fields);
  if (settings_.log) settings_.log(level, settings_.name, text);
}

Result<void> GatewayCore::start(RoutingTable table, const MakeTransport& make) {
  if (auto connected = outlet_.connect(std::move(table)); !connected) return connected;
  answer_returned();
  turn_->soon();
  if (transport_) return {};
  node_admission_.add(turn_);  // not before: that is the I/O thread's, and this was made on another one
  transport_ = make(*this);
  auto opened = transport_->open();
  if (!opened) transport_.reset();
  return opened;
}

std::string GatewayCore::address() const {
  return transport_ ? transport_->address() : std::string();
}

GatewayCounters GatewayCore::counters() const {
  auto counters = counters_;
  counters.sessions_open = session_count();
  if (transport_) {
    counters.refused += transport_->refused();
    transport_->add_counts(counters);
  }
  if (!settings_.answers) counters.lost += outlet_.lost();  // of others their clients hear
  counters.finished = transport_ && transport_->finished() && counters.requests_open == 0 && outlet_.idle();
  return counters;
}

void GatewayCore::take_up() {
  if (transport_) transport_->take_up();
}

// Sessions.

void GatewayCore::add(SessionPtr session, Admit admit) {
  auto& added = *session;
  added.turned_away_ = admit == Admit::full;
  added.uncounted_ = admit == Admit::uncounted;
  if (admit == Admit::stranger) {
    strangers_.insert(added.id());
  } else if (added.uncounted_) {
    ++uncounted_;
  } else {
    ++(added.turned_away_ ? turned_away_ : counters_.sessions);
  }
  sessions_.emplace(added.id(), std::move(session));
  added.start();
  if (!outbound_.empty()) turn_->soon();
  publish();
}

bool GatewayCore::enter(Session& session, std::size_t sessions_max) {
  if (strangers_.erase(session.id()) == 0) return true;
  session.turned_away_ = session_count() > settings_.spread.part_of(sessions_max);  // it is among them
  ++(session.turned_away_ ? turned_away_ : counters_.sessions);
  return !session.turned_away_;
}

void GatewayCore::end_oldest_strangers(std::size_t count, const std::string& why) {
  for (; count > 0 && !strangers_.empty(); --count) {
    const SessionPtr oldest = sessions_.at(*strangers_.begin());  // nothing else keeps it once it has ended
    oldest->turn_out(why);
  }
}

void GatewayCore::remove(Session& session, Left how) {
  const auto found = sessions_.find(session.id());
  if (found == sessions_.end()) return;
  const SessionPtr keep = found->second;  // its caller still runs
  release(session);
  sessions_.erase(found);
  assert(!session.turned_away_ || turned_away_ > 0);
  assert(!session.uncounted_ || uncounted_ > 0);
  if (session.turned_away_) --turned_away_;
  if (session.uncounted_) --uncounted_;
  strangers_.erase(session.id());
  if (how == Left::by_us) {
    cut_off(session);
  } else {
    counters_.abandoned += take_unfinished(session);
    const auto& alone = sent_.left(session.records_);
    counters_.lost += count_of(alone) - outbound_.take_back(alone);
  }
  if (session.waits_) std::erase(waiting_, keep);
  transport_->session_ended();
  turn_->soon();
}

/// Requests of a session that is none any more, whose answers have not gone to its client.
std::uint64_t GatewayCore::take_unfinished(Session& session) {
  const auto open = session.replies().open_count();
  close_requests(open);
  return open + session.replies().held_records() + session.undelivered().answers;
}

void GatewayCore::touch(Session& session) {
  if (session.touched_) return;
  session.touched_ = true;
  touched_.emplace_back(&session);
  turn_->soon();
}

void GatewayCore::wait(Session& session) {
  if (session.waits_) return;
  session.waits_ = true;
  waiting_.emplace_back(&session);
  if (!node_admission_.budget().has_room(session.buffers_)) node_admission_.await_room();
}

// Requests.

GatewayCore::Time GatewayCore::clock_now() const {
  return self_.clock().now();
}

void GatewayCore::arrived() {
  now_ = clock_now();
  event_time_ = settings_.wall_clock.at(now_);
}

/// What waits for one client; a session of the gateway's own making is not held to the limits of one.
std::size_t GatewayCore::backlog(const Session& session) {
  return session.uncounted_ ? 0 : session.backlog();
}

/// What both verdicts on a request read; `may_take` adds the rest. Inlined, so that nothing is read in vain.
[[gnu::always_inline]] inline AdmissionLoad GatewayCore::load(const Session& session) const {
  const auto& budget = node_admission_.budget();
  return {.draining = draining(),
          .unavailable = unavailable_,
          .shedding = node_admission_.shedding(),
          .swarm_behind = outlet_.blocked(),
          .requests = counters_.requests_open,
          .session_requests = session.uncounted_ ? 0 : session.replies().open_count(),
          .payload_fits = budget.has_room(session.buffers_),
          .payload_bytes_max = budget.bytes_max(),
          .io_threads = node_admission_.threads()};
}

Take GatewayCore::may_take(const Session& session) const {
  auto now = load(session);
  now.session_places = session.uncounted_ ? 0 : session.replies().places();
  now.session_backlog = backlog(session);
  now.buffers_fit = room_.has_room(session);
  return admission_.may_take(now);
}

/// Of so many bytes.
[[gnu::always_inline]] inline AdmissionLoad GatewayCore::load_with_request(const Session& session,
                                                                           std::size_t bytes) const {
  auto now = load(session);
  now.payload_fits = node_admission_.budget().fits(bytes, session.buffers_);
  return now;
}

void GatewayCore::submit(Session& session, const Payload& payload, const Given& given) {
  if (outlet_.empty()) return refuse_unread(session);
  if (outlet_.pushed() >= flush_records) outlet_.flush();
  const auto bytes = payload.bytes.size() + limits::reply_reserve;
  if (!admission_.admits(load_with_request(session, bytes))) [[unlikely]]
    return refuse(session, *admission_.refusal(load_with_request(session, bytes)));
  auto& replies = session.replies();
  RecordMaker::From from{session.id(), given.key.empty() ? session.key() : given.key, 0, no_deadline,
                         given.event_time.value_or(event_time_)};
  if (settings_.answers) {
    from.request = replies.next_request();
    from.deadline = now_ + options_.deadline;
  }
  auto record = maker_.make(payload, from);
  if (!record) return refuse(session, {record.error().code, record.error().message, true});
  if (settings_.answers) {
    replies.open(from.deadline, bytes, answer_form(payload));
    session.drawn_ += bytes;
    node_admission_.take(bytes);
    ++counters_.requests_open;
    watch_->by(from.deadline);
  }
  ++counters_.requests;
  outlet_.push(std::move(*record));
  answer_returned();
  turn_->soon();
}

void GatewayCore::answer_returned() {
  if (!outlet_.any_returned()) return;
  for (const auto& [record, failure] : outlet_.take_returned()) answer_open(record, failure);
}

/// Gives back what those of its requests had drawn of the node's payload budget whose answers are on their way.
void GatewayCore::settle(Session& session) {
  const auto held = session.replies().bytes();
  assert(held <= session.drawn_);
  node_admission_.give_back(session.drawn_ - held);
  session.drawn_ = held;
}

/// The session ends, and with it what it asked for.
void GatewayCore::release(Session& session) {
  node_admission_.give_back(std::exchange(session.drawn_, 0));
  room_.release(session);
  if (settings_.departed == nullptr || session.replies().open_count() == 0) return;
  const Origin origin{settings_.node, settings_.gateway, settings_.incarnation, session.id(), 0};
  settings_.departed->add(origin, session.replies().last_deadline());
}

void GatewayCore::answer_open(const Record& record, const Failure& failure) {
  const auto found = sessions_.find(record.origin().session);
  if (record.origin().request == 0 || found == sessions_.end()) return;
  if (found->second->replies().answer(record.origin().request, failure) == ReplySequencer::Accepted::late) return;
  ++counters_.failed;
  close_requests(1);
  touch(*found->second);
}

void GatewayCore::abandon(Session& session, std::uint64_t request) {
  auto& replies = session.replies();
  const auto* open = replies.awaits(request);
  if (open == nullptr) return;
  if (settings_.departed != nullptr) {
    const Origin origin{settings_.node, settings_.gateway, settings_.incarnation, session.id(), request};
    settings_.departed->add_request(origin, open->deadline);
  }
  (void)replies.answer(request, Failure{errc::unavailable, "it was cancelled"});
  ++counters_.abandoned;
  close_requests(1);
  touch(session);
}

void GatewayCore::fail(std::string why) {
  log(LogLevel::error, why);
  if (counters_.failure.empty()) counters_.failure = std::move(why);
}

void GatewayCore::delivered(Session& session, const FrameCounts& what) {
  counters_.answered += what.answers;
  const auto& sent = sent_.written(session.records_, what.records);
  counters_.sent += count_of(sent);
  outbound_.done(sent);
}

void GatewayCore::lost(Session& session, const FrameCounts& what) {
  const auto& records = sent_.dropped(session.records_, what.records);
  counters_.lost += what.answers + count_of(records);
  outbound_.done(records);
}

void GatewayCore::refuse(Session& session, Failure failure) {
  if (!session.turned_away_ && !strangers_.contains(session.id())) ++counters_.refused;
  session.refused(failure);
  if (session.hears_refusals()) session.replies().refuse(std::move(failure));
  touch(session);  // which may have come to its end with this
}

/// Told once: a peer that answers refusals would else have one for each of its own.
void GatewayCore::refuse_unread(Session& session) {
  if (std::exchange(session.told_unread_, true)) {
    ++counters_.refused;
    return;
  }
  refuse(session, {errc::unavailable, "no bee reads what is sent to this gateway; what follows is passed over", true});
}

// A turn of the loop.

void GatewayCore::publish() {
  if (!settings_.meter) return;
  settings_.meter->counters.set(counters());
  outlet_.publish();
}

void GatewayCore::turn() {
  outlet_.flush();
  send_out();
  deliver_touched();
  if (!outbound_.empty() && peers_ready() > 0) turn_->soon();  // the last of a full buffer may have been written
  wake_waiting();
  room_.wake();
  if (state_ != State::open || (transport_ && transport_->finished())) outlet_.hurry();
  if (state_ == State::intake_ended) {
    advance_intake_end();
  } else if (state_ != State::open) {
    advance_drain();
  }
  acknowledge();  // what sessions have written in this turn
  publish();
}

void GatewayCore::take_ack(const BatchAck& message) {
  outlet_.on_ack(message);
  turn();
}

void GatewayCore::wake_waiting() {
  for (auto rounds = waiting_.size(); rounds > 0 && !waiting_.empty(); --rounds) {
    if (outlet_.pushed() > 0) outlet_.flush();
    const auto session = waiting_.front();
    if (may_take(*session) == Take::wait_for_swarm) {
      if (!node_admission_.budget().has_room(session->buffers_)) node_admission_.await_room();
      return;
    }
    waiting_.pop_front();
    assert(session->waits_);
    session->waits_ = false;
    session->go_on();
  }
}

}  // namespace skep
