// Of a swarm on several nodes: what is placed where, and what other nodes say of their actors.

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <utility>

#include "skep/actors/option.hpp"
#include "swarm_actors.hpp"

namespace skep::detail {
namespace {

/// Asks a gateway where it is, hands the answer on, and ends. A class: the sanitizers report CAF's actors of functions.
class AddressReader final : public caf::event_based_actor {
 public:
  AddressReader(caf::actor_config& config, const caf::actor& gateway, std::function<void(const std::string&)> read)
      : caf::event_based_actor(config) {
    request(gateway, caf::infinite, ReadAddress{}).then(std::move(read), [](caf::error&) {});
  }
};

}  // namespace

/// In a cluster: the supervisor, the other nodes and those that send are told.
void SwarmActors::follow(const SwarmPlaces::Changes& changes) {
  if (host_.site == nullptr) return;
  for (const auto& news : changes.news) host_.site->changed(news);
  for (const auto& [child, node] : changes.forgotten) proxies_.erase({child, node});
  if (!supervisor_) return;
  for (const auto& order : changes.orders) caf::anon_send(supervisor_, order);
  if (changes.moved.empty()) return;
  // Once for all that changes until the supervisor comes to it.
  if (outdated_.empty()) caf::anon_send(supervisor_, RenewTables{});
  outdated_.insert(changes.moved.begin(), changes.moved.end());
}

void SwarmActors::up(ChildId id) {
  const std::scoped_lock lock(mutex_);
  follow(places_.up(id));
  if (host_.site != nullptr && is_gateway(id) && places_.thread(id) == 0) say_open(id);
}

/// Once it has said where.
void SwarmActors::say_open(ChildId gateway) const {
  const auto [part, replica] = places_.replica(gateway);
  const auto& spec = plan_.gateways[part - plan_.bees.size()].spec;
  host_.system.spawn<AddressReader>(
      actors_[part][replica],
      [log = host_.log, name = plan_.name, spec](const std::string& address) { log_open(log, name, spec, address); });
}

std::vector<ActorPresence> SwarmActors::presence() const {
  const std::scoped_lock lock(mutex_);
  return places_.presence();
}

caf::actor SwarmActors::local(std::uint32_t part, std::uint32_t replica, Epoch epoch) const {
  const std::scoped_lock lock(mutex_);
  if (part >= actors_.size() || replica >= actors_[part].size()) return nullptr;
  return places_.birth(places_.child(part, replica)) == epoch ? actors_[part][replica] : nullptr;
}

/// What is delivered at least once is kept by its sender, on another node, until it is done. A session is kept for each
/// edge that leads here: what another node makes up gets none.
caf::actor SwarmActors::taker(std::uint32_t part, std::uint32_t replica, Epoch epoch, SenderKey sender) const {
  const bool kept = plan_.delivery == Delivery::at_least_once && part < plan_.bees.size();
  {
    const std::scoped_lock lock(mutex_);
    if (kept && places_.draining()) return nullptr;
    if (!leads(sender, part)) return nullptr;
  }
  return local(part, replica, epoch);
}

/// By the sender's routing table, as `table` makes it. What is without a session does not cross links.
bool SwarmActors::leads(SenderKey edge, PartIndex to) const {
  if (edge == SenderKey{}) return false;
  const auto from = part_of(edge);
  if (!places_.find(from, replica_of(edge))) return false;
  if (edge_of(edge) == reply_edge) return gateway(to) && !gateway(from);
  const auto& targets = edges_of_[from];
  return edge_of(edge) < targets.size() && targets[edge_of(edge)] == to;
}

void SwarmActors::begin_end() {
  const std::scoped_lock lock(mutex_);
  follow(places_.begin_end());
}

void SwarmActors::drain(std::chrono::milliseconds time_max) {
  if (host_.site == nullptr) return;
  enter(SwarmPlaces::Phase::bees_drain);
  if (host_.site->await_arrivals(time_max)) return;
  (*log_)(
      LogLevel::warning, plan_.name,
      "its links have not handed on within " + to_string(time_max) + " what they had read: some of it may be refused",
      {});
}

void SwarmActors::enter(SwarmPlaces::Phase phase) {
  if (host_.site == nullptr) return;
  const std::scoped_lock lock(mutex_);
  follow(places_.drain(phase));
}

void SwarmActors::place(const Placement& placement) {
  const std::scoped_lock lock(mutex_);
  if (supervisor_ && placement.parts.size() == actors_.size()) follow(places_.place(placement));
}

std::optional<Epoch> SwarmActors::tell(NodeNumber node, const ActorPresence& presence,
                                       const std::function<caf::actor()>& proxy) {
  const std::scoped_lock lock(mutex_);
  if (!supervisor_ || !places_.is_news(node, presence)) return {};
  auto actor = proxy();
  if (!actor) return {};  // there are too many
  const auto child = places_.child(presence.part, presence.replica);
  proxies_[{child, node}] = std::move(actor);
  const auto changes = places_.tell(node, presence);
  follow(changes);
  return changes.replaced;
}

void SwarmActors::lose(NodeNumber node) {
  const std::scoped_lock lock(mutex_);
  follow(places_.lose(node));
}

bool SwarmActors::give_up(NodeNumber node) {
  const std::scoped_lock lock(mutex_);
  const auto changes = places_.give_up(node);
  follow(changes);
  return !changes.moved.empty();
}

std::set<ChildId> SwarmActors::take_outdated() {
  const std::scoped_lock lock(mutex_);
  std::set<ChildId> senders;
  for (const auto part : std::exchange(outdated_, {})) senders.insert(named_by(part).begin(), named_by(part).end());
  return senders;
}

/// Its actor was ended.
std::vector<ChildId> SwarmActors::placed_elsewhere(ChildId id) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = places_.replica(id);
  if (actors_[part].empty()) return {};
  actors_[part][replica] = nullptr;
  if (!gateway(part)) meters_.retire_bee(part, replica);
  return named_by(part);
}

/// The bees of other nodes are to go round those here, which take nothing any more.
void SwarmActors::failed(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  failure_ = why;
  if (host_.site != nullptr) follow(places_.fail());
}

std::string SwarmActors::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

}  // namespace skep::detail
