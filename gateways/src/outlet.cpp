#include "outlet.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>

namespace skep {

Result<void> Outlet::connect(RoutingTable table) {
  if (auto adopted = outputs_.adopt(table); !adopted) return adopted;
  const auto once = [](const OutEdgeSettings& edge) {
    return edge.route != Route::all && edge.delivery == Delivery::at_most_once;
  };
  only_copy_ = table.edges.size() == 1 && once(table.edges.front().settings);
  return {};
}

void Outlet::push(Record&& record) {
  ++pushed_;
  const auto edges = static_cast<std::uint32_t>(outputs_.size());
  for (std::uint32_t edge = 0; edge + 1 < edges; ++edge) outputs_.push(edge, Record(record));
  if (edges != 0) outputs_.push(edges - 1, std::move(record));
}

/// No bee has had it yet.
Stamp Outlet::stamp() const {
  return {self_.clock().now(), std::chrono::nanoseconds{0}};
}

void Outlet::flush() {
  pushed_ = 0;
  outputs_.flush(stamp());
  blocked_ = outputs_.blocked();
}

void Outlet::hurry() {
  outputs_.hurry();
  outputs_.flush(stamp());
}

std::vector<Outlet::Returned> Outlet::take_returned() {
  std::vector<Returned> all;
  for (auto& [record, why, reachable, cause] : outputs_.take_returned()) {
    if (why == errc::unavailable) ++undeliverable_;
    if (reachable) all.push_back({std::move(record), {why, std::string(why_returned(why)), only_copy_}});
  }
  return all;
}

}  // namespace skep
