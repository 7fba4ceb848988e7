#include "egress.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "skep/actors/limits.hpp"

namespace skep {
Result<void> Egress::adopt(RoutingTable table) {
  if (auto adopted = outputs_.adopt(table); !adopted) return adopted;
  edges_of_port_.clear();
  for (std::uint32_t edge = 0; edge < table.edges.size(); ++edge) {
    const auto port = table.edges[edge].port;
    assert(port < limits::ports_max);
    if (edges_of_port_.size() <= port) edges_of_port_.resize(port + 1u);
    edges_of_port_[port].push_back(edge);
  }
  answer_ports_ = 0;
  for (const auto port : table.answer_ports) answer_ports_ |= std::uint64_t{1} << port;
  answered_from_ = answer_ports_;
  for (const auto& edge : table.edges) answered_from_ |= std::uint64_t{edge.answers_reachable} << edge.port;
  replies_.adopt(table);
  counters_.orphaned += replies_.take_abandoned();
  answers_reachable_ = table.answers_reachable;
  answer_returned();
  settle(replies_.take_done());
  return {};
}

void Egress::close() {
  outputs_.close();
  replies_.close();
}

void Egress::take(Outbox& outbox) {
  outbox.each_run([this](const Outbox::Run& run) {
    if (run.what.kind == Outbox::Kind::emit) return emit(run.what.port, run.records);
    for (auto& record : run.records) take_other(run.what, record);
  });
  outbox.clear();
}

void Egress::take_other(Outbox::What what, Record& record) {
  switch (what.kind) {
    case Outbox::Kind::emit:
      return assert(false);  // `take` has taken those
    case Outbox::Kind::reply:
      return reply(std::move(record), cause_);
    case Outbox::Kind::fail:
      ++counters_.rejected;
      if (record.origin().request != 0) reply(std::move(record), cause_);
      return;
    case Outbox::Kind::drop:
      ++counters_.dropped;
      return reply_if_reachable(std::move(record), cause_);
    case Outbox::Kind::lose:
      return reply_if_reachable(std::move(record), cause_);
    case Outbox::Kind::reject:
      ++counters_.rejected;
      if ((answered_from_ >> what.port.index() & 1) == 0) reply_if_reachable(std::move(record), cause_);
      return;
  }
}

/// All of one port.
void Egress::emit(Port port, std::span<Record> records) {
  const auto index = port.index();
  const bool ends_here = index >= edges_of_port_.size() || edges_of_port_[index].empty();
  if ((answer_ports_ >> index & 1) != 0) {
    for (auto& record : records) reply(ends_here ? std::move(record) : record, cause_);
  }
  if (ends_here) return;
  const auto& edges = edges_of_port_[index];
  counters_.emitted += edges.size() * records.size();
  const auto copied = [](const Record& record) { return record; };
  const auto moved = [](Record& record) { return std::move(record); };
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) push_all(edges[i], records, copied);
  push_all(edges.back(), records, moved);
  if (outputs_.any_returned()) answer_returned();
}

/// A copy on a side branch may end without a word: its client gets its answer along another edge.
void Egress::answer_returned() {
  for (const auto& returned : outputs_.take_returned()) {
    if (returned.why != errc::bee_failed) ++counters_.dropped;  // EdgeCounters::dangerous counts that
    if (returned.answers_reachable) {
      answer_error(returned.record, returned.why, why_returned(returned.why), returned.cause);
    }
    ledger_.settle(returned.cause);
  }
}

void Egress::on_ack(const BatchAck& message) {
  if (message.edge == reply_edge) {
    replies_.on_ack(message);
    settle(replies_.take_done());
  } else {
    outputs_.on_ack(message);
    settle(outputs_.take_done());
  }
}

void Egress::settle(const std::vector<Cause>& causes) {
  for (const auto cause : causes) ledger_.settle(cause);
}

void Egress::end(const std::vector<Ledger::Inputs>& inputs) {
  const auto cause = std::exchange(cause_, Cause{});
  for (const auto& each : inputs) ledger_.add(cause, each);
  ledger_.settle(cause);
}

void Egress::reply(Record record, Cause cause) {
  const auto pushed = replies_.push(std::move(record), cause);
  ++(pushed == ReplyOutputs::Pushed::no ? counters_.orphaned : counters_.replied);
  if (pushed == ReplyOutputs::Pushed::sent && cause != Cause{}) ledger_.depend(cause);
}

void Egress::reply_if_reachable(Record error, Cause cause) {
  if (reaches_client(error)) reply(std::move(error), cause);
}

void Egress::answer_error(const Record& record, errc code, std::string_view message, Cause cause) {
  if (reaches_client(record)) reply(record.failure(code, message), cause);
}

void Egress::flush(std::chrono::steady_clock::time_point now) {
  stamp_.sent_at = now;
  flush();
}

void Egress::flush() {
  outputs_.flush(stamp_);
  replies_.flush(stamp_);
}

bool Egress::sendable() const noexcept {
  return outputs_.sendable() || replies_.sendable();
}

}  // namespace skep
