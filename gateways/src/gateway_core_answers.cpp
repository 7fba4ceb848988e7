// How answers come back to a gateway, in a form that its clients read, and how they are handed to its sessions.

#include <span>
#include <string>
#include <utility>
#include <variant>

#include "gateway_core.hpp"
#include "skep/serialization/payload_types.hpp"

namespace skep {
namespace {

/// Records of a batch whose memory is fetched while others are seen to: one miss of the cache takes as long as some of
/// them.
constexpr std::size_t fetched_ahead = 4;

std::string limit_text(std::string_view what, std::string_view name, const std::string& value) {
  return std::string(what) + ": " + std::string(name) + " = " + value;
}

}  // namespace

/// As its request came: one gateway may take both.
TypedAs GatewayCore::answer_form(const Payload& request) const noexcept {
  return settings_.typed_as_json || request.content.kind == ContentKind::json ? TypedAs::json : TypedAs::bytes;
}

/// Whether clients cannot read it as it is.
bool GatewayCore::is_to_be_shown(const Record& record, TypedAs typed_as) const {
  return record.content().kind == ContentKind::capnp && settings_.payload_types != nullptr &&
         typed_as != TypedAs::bytes;
}

/// As clients can read it.
Answer GatewayCore::readable(Record record, TypedAs typed_as) const {
  if (!is_to_be_shown(record, typed_as)) return record;
  auto json = settings_.payload_types->to_json(record);
  if (!json) return Failure{errc::bee_failed, "it cannot be shown as JSON: " + json.error().message};
  return record.with(Payload::json(std::move(*json)));
}

/// An answer that is no larger than its request has its place in the budget already.
Answer GatewayCore::fit(const Session& session, const OpenRequests::Request& request, Record as_sent) const {
  auto record = std::move(as_sent);
  if (is_to_be_shown(record, request.typed_as)) {
    auto shown = readable(std::move(record), request.typed_as);
    if (std::holds_alternative<Failure>(shown)) return shown;
    record = std::get<Record>(std::move(shown));
  }
  const auto bytes = record.size();
  if (bytes > options_.reply_bytes_max.bytes) {
    return Failure{errc::too_large, limit_text("the answer has " + std::to_string(bytes) + " bytes", "reply_bytes_max",
                                               to_string(options_.reply_bytes_max))};
  }
  const auto waiting = backlog(session);
  if (waiting > 0 && waiting + bytes > options_.write_bytes_max.bytes) {
    return Failure{errc::overloaded, limit_text("answers wait for this client to read them", "write_bytes_max",
                                                to_string(options_.write_bytes_max))};
  }
  if (bytes <= request.bytes) return record;
  if (!room_.fits(session, bytes - request.bytes)) {
    auto failure = room_.failure();
    failure.retry_safe = false;
    return failure;
  }
  return record;
}

/// So many requests with this deadline have their answers. They were admitted as long before it as `deadline` says.
void GatewayCore::measure(Time deadline, std::uint64_t requests, const Stamp& stamp, Time now) {
  if (requests == 0) return;
  const auto time = now - (deadline - options_.deadline);
  settings_.meter->end_to_end.observe(time, requests);
  if (stamp.spent != Stamp::unknown) settings_.meter->overhead.observe(time - stamp.spent, requests);
}

/// Whose request it is, if that is still there; mostly that of the `last` reply.
Session* GatewayCore::find(const Origin& origin, Session* last) const {
  if (origin.incarnation != settings_.incarnation) return nullptr;
  if (last != nullptr && last->id() == origin.session) return last;
  const auto found = sessions_.find(origin.session);
  return found == sessions_.end() ? nullptr : found->second.get();
}

/// The next to leave is written at once: it need not be kept until its session is delivered to.
void GatewayCore::take_reply(Session& session, std::uint64_t number, const OpenRequests::Request& request,
                             Record record) {
  auto& replies = session.replies();
  auto answer = fit(session, request, std::move(record));
  counters_.failed += is_error(answer) ? 1 : 0;
  const auto* fitting = std::get_if<Record>(&answer);
  if (fitting != nullptr && fitting->size() <= request.bytes && replies.leads(number)) {
    replies.pass(number, request);
    return write(session, answer);
  }
  if (const auto* failure = std::get_if<Failure>(&answer)) report_unsent(*failure);
  replies.answer(number, request, std::move(answer));
  if (replies.excess_bytes() > 0) room_.hold(session);
}

void GatewayCore::take_replies(Replies batch) {
  Time deadline{};          // what one read brought has the same one, and mostly comes back together:
  std::uint64_t alike = 0;  // one hit for all of it
  const auto now = clock_now();
  Session* session = nullptr;
  const std::span<Record> records(batch.records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i + fetched_ahead < records.size()) records[i + fetched_ahead].prefetch_with_payload();
    const auto origin = records[i].origin();
    session = find(origin, session);
    const auto* request = session != nullptr ? session->replies().awaits(origin.request) : nullptr;
    if (request == nullptr) {
      ++counters_.orphaned;
      continue;
    }
    if (settings_.meter) {
      const auto its = request->deadline;
      if (its != deadline) measure(std::exchange(deadline, its), std::exchange(alike, 0), batch.stamp, now);
      ++alike;
    }
    take_reply(*session, origin.request, *request, std::move(records[i]));
    close_requests(1);
    touch(*session);
  }
  measure(deadline, alike, batch.stamp, now);
  turn();
}

/// What a bee answered gave way to `failure`. Unless that is for want of room, those who wrote the bee have to know.
void GatewayCore::report_unsent(const Failure& failure) {
  if (failure.code == errc::overloaded || std::exchange(unsent_reported_, true)) return;
  log(LogLevel::warning, "an answer cannot be sent, and its client gets an error: " + failure.message +
                             " (further ones are only counted)");
}

void GatewayCore::write(Session& session, const Answer& answer) {
  const auto meant = is_error(answer) ? Outgoing::error : Outgoing::answer;
  if (session.write(answer, meant) == meant) return;
  ++counters_.failed;
  report_unsent({errc::bee_failed, session.unfit(std::get<Record>(answer)).value_or("it cannot be shown")});
}

void GatewayCore::deliver(Session& session) {
  while (const auto answer = session.replies().next()) write(session, *answer);
  settle(session);
  session.flush();
  if (sessions_.count(session.id()) == 0) return;
  room_.hold(session);
  if (may_take(session) != Take::wait_for_client) session.go_on();
}

void GatewayCore::deliver_touched() {
  for (const auto& session : std::exchange(touched_, {})) {
    session->touched_ = false;
    if (sessions_.count(session->id()) != 0) deliver(*session);
  }
}

}  // namespace skep
