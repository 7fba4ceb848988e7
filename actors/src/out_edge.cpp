#include "skep/actors/out_edge.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <numeric>

#include "skep/actors/limits.hpp"

namespace skep {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) noexcept {
  auto z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace

Record OutEdge::Lane::pop() {
  auto record = std::move(queue[front++]);
  if (2 * front > queue.size()) {
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(front));
    front = 0;
  }
  return record;
}

std::vector<Record> OutEdge::Lane::pop(std::size_t count) {
  std::vector<Record> taken;
  if (count == 0) return taken;
  if (front == 0 && count == queue.size()) {
    taken.swap(queue);
    usual = static_cast<std::uint32_t>(count);
    return taken;
  }
  const auto begin = queue.begin() + static_cast<std::ptrdiff_t>(front);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  taken.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
  front += count;
  if (2 * front > queue.size()) {
    queue.erase(queue.begin(), end);
    front = 0;
  }
  return taken;
}

OutEdge::OutEdge(OutEdgeSettings settings, std::size_t receivers, std::uint64_t seed)
    : settings_(settings), lanes_(receivers), loads_(receivers, 0), random_(seed) {
  assert(receivers > 0);
  assert(settings_.window >= 1 && settings_.window <= limits::edge_window_max);
}

void OutEdge::push_routed(Record record, std::vector<Record>& dropped) {
  if (settings_.route == Route::all) {
    for (std::size_t receiver = 0; receiver + 1 < lanes_.size(); ++receiver) push_to(receiver, record, dropped);
    push_to(lanes_.size() - 1, std::move(record), dropped);
  } else {
    const auto receiver = route(record);
    push_to(receiver, std::move(record), dropped);
  }
}

std::size_t OutEdge::route(const Record& record) noexcept {
  if (lanes_.size() == 1) return 0;
  if (settings_.route == Route::key) return receiver_of_slot(key_slot(record.key()), lanes_.size());
  return choose_any(loads_, next_random(random_));
}

void OutEdge::push_to(std::size_t receiver, Record record, std::vector<Record>& dropped) {
  auto& lane = lanes_[receiver];
  const bool full = settings_.overflow != Overflow::block && lane.size() >= credit(lane) + settings_.window;
  if (full && settings_.overflow == Overflow::drop_newest) {
    dropped.push_back(std::move(record));
    return;
  }
  add(receiver, std::move(record));
  if (!full) return;
  dropped.push_back(lane.pop());
  --loads_[receiver];
}

std::vector<Record> OutEdge::take(std::size_t receiver) {
  auto& lane = lanes_[receiver];
  auto taken = lane.pop(std::min(lane.size(), credit(lane)));
  lane.in_flight += static_cast<std::uint32_t>(taken.size());
  return taken;
}

void OutEdge::grant(std::size_t receiver, std::uint32_t records) {
  auto& lane = lanes_[receiver];
  if (lane.gone) return;
  assert(records <= lane.in_flight);
  lane.in_flight -= records;
  loads_[receiver] -= records;
}

std::vector<Record> OutEdge::abandon(std::size_t receiver) {
  auto& lane = lanes_[receiver];
  auto waiting = lane.pop(lane.size());
  lane.in_flight = 0;
  lane.gone = true;
  loads_[receiver] = 0;
  return waiting;
}

bool OutEdge::blocked() const noexcept {
  return settings_.overflow == Overflow::block && waiting() != 0;
}

bool OutEdge::sendable() const noexcept {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [this](const Lane& lane) { return lane.size() != 0 && credit(lane) != 0; });
}

std::size_t OutEdge::waiting() const noexcept {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane.size() - std::min(lane.size(), credit(lane));
  return count;
}

std::size_t OutEdge::in_flight() const noexcept {
  return std::accumulate(lanes_.begin(), lanes_.end(), std::size_t{0},
                         [](std::size_t sum, const Lane& lane) { return sum + lane.in_flight; });
}

bool OutEdge::idle() const noexcept {
  return std::all_of(loads_.begin(), loads_.end(), [](std::uint64_t load) { return load == 0; });
}

}  // namespace skep
