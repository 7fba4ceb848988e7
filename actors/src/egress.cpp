#include "egress.hpp"

#include <algorithm>
#include <cassert>

#include "skep/actors/limits.hpp"

namespace skep {

Result<void> Egress::adopt(RoutingTable table) {
  flush();  // replies belong to the gateways of the old table
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
  gateways_.clear();
  for (auto& route : table.gateways) gateways_.push_back({std::move(route), {}});
  answers_reachable_ = table.answers_reachable;
  answer_returned();
  return {};
}

void Egress::close() {
  outputs_.close();
  gateways_.clear();
}

void Egress::take(Outbox& outbox) {
  for (auto& entry : outbox.entries()) {
    if (entry.kind == Outbox::Kind::emit) {
      emit(entry.port, std::move(entry.record));
    } else {
      take_other(entry);
    }
  }
  outbox.clear();
}

void Egress::take_other(Outbox::Entry& entry) {
  switch (entry.kind) {
    case Outbox::Kind::emit:
      break;
    case Outbox::Kind::reply:
      return reply(std::move(entry.record));
    case Outbox::Kind::fail:
      ++counters_.rejected;
      if (entry.record.origin().request != 0) reply(std::move(entry.record));
      return;
    case Outbox::Kind::drop:
      ++counters_.dropped;
      return reply_if_reachable(std::move(entry.record));
    case Outbox::Kind::lose:
      return reply_if_reachable(std::move(entry.record));
    case Outbox::Kind::reject:
      ++counters_.rejected;
      if ((answered_from_ >> entry.port.index() & 1) == 0) reply_if_reachable(std::move(entry.record));
      return;
  }
}

inline void Egress::emit(Port port, Record&& record) {
  const auto index = port.index();
  if ((answer_ports_ >> index & 1) != 0) reply(record);
  if (index >= edges_of_port_.size() || edges_of_port_[index].empty()) return;
  const auto& edges = edges_of_port_[index];
  counters_.emitted += edges.size();
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) outputs_.push(edges[i], Record(record));
  outputs_.push(edges.back(), std::move(record));
  if (outputs_.any_returned()) answer_returned();
}

/// A copy on a side branch may end without a word: its client gets its answer along another edge.
void Egress::answer_returned() {
  for (const auto& [record, why, reachable] : outputs_.take_returned()) {
    ++counters_.dropped;
    if (!reachable) continue;
    answer_error(record, why,
                 why == errc::dropped ? "dropped: the receiver of an edge is too slow (overflow of the edge)"
                                      : "the bee it was on its way to has ended");
  }
}

void Egress::reply(Record record) {
  const auto& origin = record.origin();
  const auto gateway = std::find_if(gateways_.begin(), gateways_.end(), [&](const Gateway& each) {
    return each.route.node == origin.node && each.route.gateway == origin.gateway;
  });
  if (origin.request == 0 || gateway == gateways_.end() || !gateway->route.actor) {
    ++counters_.orphaned;
    return;
  }
  ++counters_.replied;
  gateway->replies.push_back(std::move(record));
}

void Egress::reply_if_reachable(Record error) {
  if (answers_reachable_ && error.origin().request != 0) reply(std::move(error));
}

void Egress::answer_error(const Record& record, errc code, std::string_view message) {
  if (answers_reachable_ && record.origin().request != 0) reply(record.failure(code, message));
}

void Egress::flush(std::chrono::steady_clock::time_point now) {
  stamp_.sent_at = now;
  flush();
}

void Egress::flush() {
  outputs_.flush(stamp_);
  for (auto& gateway : gateways_) {
    if (!gateway.replies.empty())
      self_.send(gateway.route.actor, ReplyBatch{std::exchange(gateway.replies, {}), stamp_});
  }
}

bool Egress::sendable() const noexcept {
  return outputs_.sendable() ||
         std::any_of(gateways_.begin(), gateways_.end(), [](const Gateway& each) { return !each.replies.empty(); });
}

}  // namespace skep
