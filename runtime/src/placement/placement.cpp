#include "placement/placement.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

namespace skep {
namespace {

const Member* find(const std::vector<Member>& members, NodeNumber number) {
  const auto found = std::ranges::find(members, number, &Member::number);
  return found == members.end() ? nullptr : &*found;
}

/// One decision while it is made.
class Decision {
 public:
  Decision(const PlacementNeeds& needs, const std::vector<Member>& members, const Placement& present, Epoch epoch)
      : needs_(needs), members_(members), present_(present), next_{epoch, {}}, load_(members.size()) {
    next_.parts.resize(needs.parts.size());
  }

  Placement make() && {
    for (std::size_t part = 0; part < needs_.parts.size(); ++part) keep(part);
    if (needs_.together) join();
    for (std::size_t part = 0; part < needs_.parts.size(); ++part) fill(part);
    return std::move(next_);
  }

 private:
  /// What is where it may stay.
  void keep(std::size_t part) {
    const auto& need = needs_.parts[part];
    auto& places = next_.parts[part];
    if (!need.on_each) places.resize(need.replicas);
    if (present_.parts.empty()) return;
    const auto& before = present_.parts[part];
    for (std::size_t replica = 0; replica < before.size(); ++replica) {
      const auto* member = find(members_, before[replica].node);
      if (need.on_each && member == nullptr && before[replica].node != 0) places.push_back(before[replica]);
      if (member == nullptr || !member->has_all(need.labels)) continue;
      if (need.on_each) {
        places.push_back(before[replica]);
      } else if (replica < places.size()) {
        put(places[replica], *member, before[replica].epoch);
      }
    }
  }

  /// All bees to one member: where most of them are already; else to the one with the most room.
  void join() {
    const auto* home = best([&](const Member& member) { return needs_.all_bees_fit(member); },
                            [&](const Member& one, const Member& other) {
                              return std::tuple(load(one), one.capacity) > std::tuple(load(other), other.capacity);
                            });
    for (std::size_t part = 0; part < needs_.parts.size(); ++part) {
      if (needs_.parts[part].on_each) continue;
      for (auto& place : next_.parts[part]) {
        if (home != nullptr && place.node == home->number) continue;
        place = {};
        if (home != nullptr) put(place, *home, next_.epoch);
      }
    }
  }

  void fill(std::size_t part) {
    const auto& need = needs_.parts[part];
    if (need.on_each) return fill_each(part);
    if (needs_.together) return;
    auto& places = next_.parts[part];
    const auto here = [&](const Member& member) {
      return static_cast<std::uint32_t>(std::ranges::count(places, member.number, &Place::node));
    };
    for (auto& place : places) {
      if (place.node != 0) continue;
      const auto* member = best([&](const Member& one) { return one.has_all(need.labels); },
                                [&](const Member& one, const Member& other) {
                                  const auto shares = compare(one, here(one), other, here(other));
                                  return shares < 0 || (shares == 0 && compare(one, load(one), other, load(other)) < 0);
                                });
      if (member != nullptr) put(place, *member, next_.epoch);
    }
  }

  void fill_each(std::size_t part) {
    auto& places = next_.parts[part];
    for (const auto& member : members_) {
      if (!member.has_all(needs_.parts[part].labels)) continue;
      if (std::ranges::find(places, member.number, &Place::node) == places.end()) {
        places.push_back({member.number, next_.epoch});
      }
    }
    std::ranges::sort(places);
  }

  /// The member that may have it and comes before the others, of equals the first; null if none may.
  template <class May, class Before>
  const Member* best(May may, Before before) const {
    const Member* found = nullptr;
    for (const auto& member : members_) {
      if (may(member) && (found == nullptr || before(member, *found))) found = &member;
    }
    return found;
  }

  /// Which one has the smaller share of its capacity in use: below, at or above 0. One with nothing has the smallest.
  [[nodiscard]] static std::int64_t compare(const Member& one, std::uint32_t of_one, const Member& other,
                                            std::uint32_t of_other) {
    return (std::int64_t{of_one} * other.capacity) - (std::int64_t{of_other} * one.capacity);
  }

  [[nodiscard]] std::uint32_t load(const Member& member) const { return load_[index(member)]; }
  [[nodiscard]] std::size_t index(const Member& member) const {
    return static_cast<std::size_t>(&member - members_.data());
  }

  void put(Place& place, const Member& member, Epoch epoch) {
    place = {member.number, epoch};
    ++load_[index(member)];
  }

  const PlacementNeeds& needs_;
  const std::vector<Member>& members_;
  const Placement& present_;
  Placement next_;
  std::vector<std::uint32_t> load_;  ///< replicas of bees, by place in members_
};

}  // namespace

bool Member::has_all(const std::vector<std::string>& wanted) const {
  return std::ranges::all_of(wanted,
                             [&](const auto& label) { return std::ranges::find(labels, label) != labels.end(); });
}

bool PlacementNeeds::all_bees_fit(const Member& member) const {
  return std::ranges::all_of(parts, [&](const PartNeed& need) { return need.on_each || member.has_all(need.labels); });
}

std::uint32_t Placement::placed_on(NodeNumber node) const noexcept {
  std::uint32_t count = 0;
  for (const auto& places : parts) count += static_cast<std::uint32_t>(std::ranges::count(places, node, &Place::node));
  return count;
}

Placement place(const PlacementNeeds& needs, const std::vector<Member>& members, const Placement& present,
                Epoch decision) {
  assert(std::ranges::adjacent_find(members, std::greater_equal{}, &Member::number) == members.end());
  assert(std::ranges::all_of(members, [](const Member& m) { return m.number != 0 && m.capacity != 0; }));
  assert(present.parts.empty() || (present.parts.size() == needs.parts.size() && decision > present.epoch));
  return Decision(needs, members, present, decision).make();
}

}  // namespace skep
