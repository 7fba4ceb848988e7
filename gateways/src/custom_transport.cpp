#include "custom_transport.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <exception>
#include <stdexcept>
#include <utility>

#include "custom_messages.hpp"
#include "for_ever.hpp"
#include "gateway_core.hpp"
#include "net/loop.hpp"
#include "skep/serialization/malformed.hpp"

namespace skep {

CustomTransport::CustomTransport(GatewayCore& gateway, Settings settings)
    : gateway_(gateway),
      factory_(std::move(settings.factory)),
      blocks_(settings.submissions.blocks),
      submissions_(settings.submissions, notifier()),
      watches_(gateway.has_loop() ? &gateway.loop() : nullptr,
               {[this] { return !blocks_ || submissions_.has_room(); }, [this](int descriptor) { read(descriptor); }}) {
}

CustomTransport::~CustomTransport() {
  close();
  const CallMark::Inside inside(mark_);
  object_.reset();
}

/// Without a loop there is one thread, whose actors nobody else may touch: whoever runs it looks at what was asked for.
std::function<void()> CustomTransport::notifier() const {
  return [self = caf::actor(&gateway_.self()), loop = gateway_.has_loop(), thread = thread_] {
    if (loop || std::this_thread::get_id() == thread) caf::anon_send(self, TakeUp{});
  };
}

std::string CustomTransport::watched_name() const {
  return "gateway '" + gateway_.settings().name + "' of swarm '" + gateway_.settings().swarm + "'";
}

/// Calls the object. False if that was its end.
template <class Call>
bool CustomTransport::call(const char* what, Call call) {
  if (broken()) return false;
  const CallMark::Inside inside(mark_);
  try {
    call();
    return true;
  } catch (const std::exception& thrown) {
    break_off(std::string(what) + " threw: " + thrown.what());
  } catch (...) {
    break_off(std::string(what) + " threw something that is no std::exception");
  }
  return false;
}

void CustomTransport::break_off(std::string why) {
  if (broken()) return;
  broken_ = std::move(why);
  close();
  if (object_) caf::anon_send(caf::actor(&gateway_.self()), GatewayBroke{broken_});
}

Result<void> CustomTransport::open() {
  if (auto* calls = gateway_.settings().calls) watched_.emplace(*calls, calls->add(*this, mark_));
  peer_ = new CustomPeer(gateway_, *this);
  gateway_.add(peer_, GatewayCore::Admit::uncounted);
  clientless_ = new CustomSession(gateway_, *this, GatewaySession::none);
  gateway_.add(clientless_, GatewayCore::Admit::uncounted);
  std::unique_ptr<Gateway> object;
  const auto started = call("its start", [&] {
    object = factory_();
    object->on_start(*this);
  });
  object_ = std::move(object);
  if (started) return {};
  for (const auto& session : std::initializer_list<SessionPtr>{peer_, clientless_}) {
    session->abort();
    gateway_.remove(*session);
  }
  return Error{errc::unavailable, broken_};
}

void CustomTransport::close() noexcept {
  submissions_.close(broken() ? "the gateway has failed" : "the gateway is shutting down");
  watches_.clear();
}

// What was asked for.

void CustomTransport::take_up() {
  auto taken = submissions_.take();
  if (!taken.failure.empty()) break_off(std::move(taken.failure));
  if (broken()) {
    for (const auto& item : taken.items) {
      if (item.kind == Submissions::Kind::submit) never_admitted(item);
    }
    return;
  }
  gateway_.arrived();
  for (auto& item : taken.items) take_up(std::move(item));
  for (const auto submission : taken.cancelled) clientless_->cancel(submission);
  if (taken.resumed) gateway_.touch(*peer_);
  watches_.room();
}

void CustomTransport::take_up(Submissions::Item item) {
  const auto session = item.session;
  switch (item.kind) {
    case Submissions::Kind::submit:
      return take_up_submission(std::move(item));
    case Submissions::Kind::open: {
      if (gateway_.draining()) return submissions_.session_ended();
      auto& client = clients_[session] = new CustomSession(gateway_, *this, session);
      return gateway_.add(client);
    }
    case Submissions::Kind::close:
      if (const auto found = clients_.find(session); found != clients_.end()) {
        const auto client = found->second;
        client->leave();
      }
  }
}

void CustomTransport::take_up_submission(Submissions::Item item) {
  if (stopped_) return refuse_late(item);
  CustomSessionPtr session = clientless_;
  if (item.session != GatewaySession::none) {
    const auto found = clients_.find(item.session);
    session = found == clients_.end() ? nullptr : found->second;
  }
  if (!session || !session->open()) return refuse_late(item);
  session->take(std::move(item));
}

/// What it would have been a request of is gone.
void CustomTransport::refuse_late(const Submissions::Item& item) {
  never_admitted(item);
  const Failure failure{errc::unavailable, "the gateway is shutting down", true};
  if (stopped_ || !gateway_.draining()) return;  // or its client has left
  static_cast<void>(tell(
      {.submission = item.id, .session = item.session, .tag = item.submission.tag, .record = {}, .failure = failure}));
}

void CustomTransport::left(const Submissions::Item& item) {
  submissions_.left(item.submission.payload.bytes.size());
  watches_.room();
}

/// So that each submission that was taken is a request or was refused.
void CustomTransport::never_admitted(const Submissions::Item& item) {
  left(item);
  gateway_.count_refused();
}

void CustomTransport::ended(const CustomSession& session) {
  const auto client = session.opened_as();
  if (client == GatewaySession::none) return;
  submissions_.close_session(client);
  submissions_.session_ended();
  clients_.erase(client);
}

// Calls.

bool CustomTransport::tell(const Answered& answered) {
  return call("on_answer", [&] { object_->on_answer(answered); });
}

CustomTransport::Sent CustomTransport::deliver(const Record& record) {
  std::string unfit;
  const auto called = call("deliver", [&] {
    try {
      object_->deliver(record);
    } catch (const BadRecord& bad) {
      unfit = bad.what();
    } catch (const kj::Exception&) {  // from a getter of a Cap'n Proto payload
      unfit = std::string("malformed message: ") + why_malformed;
    }
  });
  if (!called) return Sent::broken;
  if (unfit.empty()) return Sent::yes;
  if (!std::exchange(unfit_told_, true)) {
    log(LogLevel::warning, "a record cannot be sent out, and is lost: " + unfit + " (further ones are only counted)");
  }
  return Sent::lost;
}

void CustomTransport::stopped() {
  if (broken() || std::exchange(stopped_, true)) return;
  const CallMark::Inside inside(mark_);
  try {
    object_->on_stop();
  } catch (const std::exception& thrown) {  // there is nothing left to end
    log(LogLevel::error, std::string("on_stop threw: ") + thrown.what());
  } catch (...) {
    log(LogLevel::error, "on_stop threw something that is no std::exception");
  }
}

std::optional<CustomTransport::Time> CustomTransport::fire_timers(Time now) {
  const auto last = timers_.last();  // one that is started meanwhile waits for the next time
  while (const auto timer = timers_.take_due(now, last)) {
    static_cast<void>(call("on_timer", [&] { object_->on_timer(*timer); }));
  }
  return broken() ? std::nullopt : timers_.next();
}

void CustomTransport::read(int descriptor) {
  static_cast<void>(call("on_readable", [&] { object_->on_readable(descriptor); }));
}

// Its context.

bool CustomTransport::await_room(std::chrono::nanoseconds time_max) {
  const bool waits_for_itself =
      gateway_.has_loop() ? gateway_.loop().handles_here() : std::this_thread::get_id() == thread_;
  if (waits_for_itself) throw std::logic_error("await_room on the I/O thread would wait for itself");
  return submissions_.await_room(time_max);
}

void CustomTransport::log(LogLevel level, std::string_view text) {
  gateway_.log(level, text);
}

std::string_view CustomTransport::name() const {
  return gateway_.settings().name;
}

bool CustomTransport::answers() const {
  return gateway_.settings().answers;
}

bool CustomTransport::delivers() const {
  return gateway_.settings().receives;
}

CustomTransport::Time CustomTransport::now() const {
  return gateway_.clock_now();
}

EventTime CustomTransport::wall_clock() const {
  return gateway_.settings().wall_clock.at(now());
}

TimerId CustomTransport::start_timer(std::chrono::nanoseconds delay) {
  const auto when = now() + std::clamp<std::chrono::nanoseconds>(delay, {}, for_ever);
  const auto timer = timers_.start(when);
  gateway_.watch(when);
  return timer;
}

void CustomTransport::watch(int descriptor) {
  if (!submissions_.closed()) watches_.add(descriptor);
}

}  // namespace skep
