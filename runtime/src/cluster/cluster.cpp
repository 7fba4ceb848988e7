#include "cluster/cluster.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <future>
#include <memory>
#include <random>
#include <span>
#include <utility>

#include "skep/actors/option.hpp"
#include "skep/serialization/limit_error.hpp"

namespace skep {
namespace {

std::uint64_t random_incarnation() {
  std::random_device device;
  const auto random = (std::uint64_t{device()} << 32) | device();
  return random != 0 ? random : 1;  // 0 says that a node is not there
}

std::vector<std::vector<NodeNumber>> gateway_nodes(const PlacementNeeds& needs, const std::vector<Member>& members) {
  std::vector<std::vector<NodeNumber>> all;
  for (const auto& need : needs.parts) {
    if (!need.on_each) continue;
    auto& nodes = all.emplace_back();
    for (const auto& member : members) {
      if (member.has_all(need.labels)) nodes.push_back(member.number);
    }
  }
  return all;
}

/// Replicas of all parts.
struct PlacedCounts {
  std::uint64_t epoch = 0, here = 0, elsewhere = 0, away = 0, nowhere = 0;
};

PlacedCounts counts_of(const Placement& placement, NodeNumber self, NodeSet seen) {
  PlacedCounts counts{placement.epoch.counter};
  const auto count_at = [&](NodeNumber node) -> std::uint64_t& {
    if (node == 0) return counts.nowhere;
    if (node == self) return counts.here;
    return seen.has(node) ? counts.elsewhere : counts.away;
  };
  for (const auto& places : placement.parts) {
    for (const auto& place : places) ++count_at(place.node);
  }
  return counts;
}

/// "2 replicas on a, 1 on b", as the nodes are numbered; nowhere comes last.
std::string text_of(const Placement& placement, const std::vector<LinkPeer>& nodes) {
  std::string text;
  const auto add = [&](std::uint32_t replicas, const std::string& where) {
    if (replicas == 0) return;
    text += (text.empty() ? std::to_string(replicas) + (replicas == 1 ? " replica" : " replicas")
                          : ", " + std::to_string(replicas)) +
            ' ' + where;
  };
  for (const auto& node : nodes) add(placement.placed_on(node.number), "on " + node.name);
  add(placement.placed_on(0), "nowhere: no node that is there has its labels");
  return text.empty() ? "nothing is placed" : text;
}

CertificateMetrics metrics_of(const char* what, const Certificate& certificate) {
  return {what, certificate.serial, static_cast<double>(certificate.not_after.time_since_epoch().count())};
}

}  // namespace

class Cluster::Site final : public SwarmSite {
 public:
  Site(Cluster& cluster, std::uint32_t number, std::vector<std::vector<NodeNumber>> nodes)
      : SwarmSite(cluster.settings_.self, std::move(nodes)), cluster_(cluster), number_(number) {}

  void changed(ActorPresence presence) override {
    cluster_.host_->post(
        [this, presence = std::move(presence)]() mutable { cluster_.changed(number_, std::move(presence)); });
  }
  /// What one read has brought is delivered before the links' thread comes to anything else.
  bool await_arrivals(std::chrono::milliseconds time_max) override {
    if (!cluster_.started_.load(std::memory_order_acquire)) return true;
    auto delivered = std::make_shared<std::promise<void>>();
    const auto done = delivered->get_future();
    cluster_.host_->post([delivered = std::move(delivered)] { delivered->set_value(); });
    return done.wait_for(time_max) == std::future_status::ready;
  }

  PlacedSwarm* swarm = nullptr;
  Published<PlacedCounts> placed;  ///< written in the links' thread

 private:
  Cluster& cluster_;
  std::uint32_t number_;
};

Cluster::Cluster(caf::actor_system& system, Settings settings)
    : system_(system), settings_(std::move(settings)), incarnation_(random_incarnation()) {
  seen_.set(1);
}

Cluster::~Cluster() {
  stop();
}

SwarmSite& Cluster::add(const std::string& swarm, const SwarmDigest& digest, PlacementNeeds needs) {
  const auto number = static_cast<std::uint32_t>(swarms_.size());
  swarms_.push_back({swarm, digest});
  sites_.push_back(std::make_unique<Site>(*this, number, gateway_nodes(needs, settings_.members)));
  needs_.push_back(std::move(needs));
  return *sites_.back();
}

void Cluster::set(SwarmSite& site, PlacedSwarm& swarm) {
  static_cast<Site&>(site).swarm = &swarm;
}

LinkHost::Settings Cluster::host_settings() {
  LinkHello hello;
  hello.number = settings_.self;
  hello.incarnation = incarnation_;
  hello.cluster = settings_.cluster;
  hello.node = settings_.nodes[settings_.self - 1].name;
  hello.nodes = settings_.digest;
  hello.swarms = swarms_;
  auto peers = settings_.nodes;
  std::erase_if(peers, [this](const LinkPeer& node) { return node.number == settings_.self; });
  return {std::move(hello), std::move(peers), settings_.listen, settings_.tls, settings_.log, settings_.links};
}

Result<void> Cluster::start() {
  for (const auto& site : sites_) {
    if (site->swarm == nullptr) return Error{errc::unavailable, "a swarm of it has not started"};
  }
  if (auto checked = check_sizes(); !checked) return checked;
  const auto now = std::chrono::steady_clock::now();
  state_.emplace(ClusterState::Settings{settings_.self, incarnation_, settings_.members, settings_.placement_wait_max,
                                        settings_.placement_settle_time, settings_.placement_reach_time},
                 std::move(needs_), now);
  peers_.resize(settings_.members.size());
  waits_until_ = now + settings_.placement_wait_max;
  host_.emplace(system_, host_settings(), static_cast<LinkUser&>(*this));
  wakeup_ = host_->make_wakeup([this] { look(); });
  wakeup_->soon();
  started_.store(true, std::memory_order_release);
  auto started = host_->start();
  if (!started) started_.store(false, std::memory_order_release);  // there is no links' thread
  return started;
}

/// What no message between nodes has room for.
Result<void> Cluster::check_sizes() const {
  if (swarms_.size() > limits::link_swarms_max) {
    return Error{errc::too_large,
                 over_limit("the cluster", swarms_.size(), "link_swarms_max", limits::link_swarms_max, "swarms")};
  }
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    std::uint64_t places = 0;
    for (const auto& part : needs_[i].parts) places += part.on_each ? settings_.members.size() : part.replicas;
    if (places <= limits::link_places_max) continue;
    return Error{errc::too_large, over_limit("swarm '" + swarms_[i].name + '\'', places, "link_places_max",
                                             limits::link_places_max, "replicas")};
  }
  return {};
}

std::string Cluster::member() const {
  return "node " + settings_.nodes[settings_.self - 1].name + " of cluster '" + settings_.cluster + '\'';
}

void Cluster::stop() {
  if (!host_) return;
  host_->stop();
  if (wakeup_) wakeup_->cancel();
  wakeup_.reset();
}

void Cluster::use(TlsContextPtr tls) {
  {
    const std::scoped_lock lock(tls_mutex_);
    settings_.tls = tls;
  }
  host_->use(std::move(tls));
}

// What anyone may ask.

ClusterMetrics Cluster::metrics() const {
  ClusterMetrics metrics;
  metrics.nodes = settings_.members.size();
  metrics.nodes_seen = seen_.get();
  {
    const std::scoped_lock lock(tls_mutex_);
    metrics.certificates.push_back(metrics_of("node", settings_.tls->certificate()));
    for (const auto& each : settings_.tls->authorities()) metrics.certificates.push_back(metrics_of("authority", each));
  }
  if (!started_.load(std::memory_order_acquire)) return metrics;
  host_->read(metrics);
  for (std::size_t swarm = 0; swarm < sites_.size(); ++swarm) {
    const auto placed = sites_[swarm]->placed.get();
    metrics.placements.push_back(
        {swarms_[swarm].name, placed.epoch, placed.here, placed.elsewhere, placed.away, placed.nowhere});
  }
  return metrics;
}

// What links tell.

void Cluster::link_up(NodeNumber node, RemoteActors& actors) {
  auto& link = *host_->link(node);
  peers_[node - 1] = {.actors = &actors, .told_epochs = {swarms_.size(), std::nullopt}};
  state_->up(node, link.incarnation(), std::chrono::steady_clock::now());
  see_others();
  say(heartbeat());
  for (std::uint32_t swarm = 0; swarm < swarms_.size(); ++swarm) {
    say_placement(node, swarm);
    say_presence(link, swarm);
  }
  decide();
}

void Cluster::link_down(NodeNumber node, const std::string&) {
  const auto now = std::chrono::steady_clock::now();
  peers_[node - 1] = {.lost_at = now};
  wakeup_->by(now + settings_.lost_gateway_time_max);
  state_->down(node, now);
  see_others();
  for (const auto& site : sites_) site->swarm->lose(node);
  say(heartbeat());
  decide();
}

void Cluster::heard(NodeNumber node, LinkHeartbeat heartbeat) {
  report_failures(node, heartbeat.failed);
  state_->heard(node, std::move(heartbeat.views));
  decide();
}

LinkHeartbeat Cluster::heartbeat() {
  LinkHeartbeat heartbeat{state_->views()};
  for (std::uint32_t swarm = 0; swarm < sites_.size(); ++swarm) {
    if (!sites_[swarm]->swarm->failure().empty()) heartbeat.failed.push_back(swarm);
  }
  return heartbeat;
}

void Cluster::heard(NodeNumber node, PlacementNotice notice) {
  if (notice.swarm >= swarms_.size()) return;
  if (state_->heard(node, notice.swarm, notice.placement)) {
    peers_[node - 1].told_epochs[notice.swarm] = notice.placement.epoch;
    apply(notice.swarm);
    say_placement(notice.swarm);
  } else if (state_->placement(notice.swarm).epoch > notice.placement.epoch) {
    say_placement(node, notice.swarm);
  }
  decide();
}

void Cluster::heard(NodeNumber node, PresenceNotice notice) {
  auto* actors = peers_[node - 1].actors;
  if (notice.swarm >= swarms_.size() || actors == nullptr) return;
  for (const auto& presence : notice.actors) {
    BeeAddress address{notice.swarm, presence.part, presence.replica, presence.epoch};
    const auto replaced = sites_[notice.swarm]->swarm->tell(node, presence, [&] { return actors->get(address); });
    if (!replaced) continue;
    address.epoch = *replaced;
    actors->end(address, caf::exit_reason::normal);
  }
}

caf::actor Cluster::local(const BeeAddress& address) {
  if (address.swarm >= sites_.size()) return nullptr;
  return sites_[address.swarm]->swarm->local(address.part, address.replica, address.epoch);
}

caf::actor Cluster::taker(const BeeAddress& address, SenderKey sender) {
  if (address.swarm >= sites_.size()) return nullptr;
  return sites_[address.swarm]->swarm->taker(address.part, address.replica, address.epoch, sender);
}

// What follows.

void Cluster::look() {
  decide();
  const auto now = std::chrono::steady_clock::now();
  if (now < waits_until_) wakeup_->by(waits_until_);
  look_for_lost(now);
}

void Cluster::look_for_lost(Time now) {
  for (NodeNumber node = 1; node <= peers_.size(); ++node) {
    auto& lost_at = peers_[node - 1].lost_at;
    if (!lost_at) continue;
    const auto until = *lost_at + settings_.lost_gateway_time_max;
    if (now < until) {
      wakeup_->by(until);
      continue;
    }
    lost_at.reset();
    bool any = false;
    for (const auto& site : sites_) any = site->swarm->give_up(node) || any;
    if (!any) continue;
    settings_.log(LogLevel::warning, "cluster",
                  "node " + settings_.nodes[node - 1].name + " has been away for " +
                      to_string(settings_.lost_gateway_time_max) + ": answers for its clients are not kept any more");
  }
}

void Cluster::decide() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto swarm : state_->decide(now)) {
    say_placement(swarm);
    apply(swarm);
  }
  report_decider(now);
  if (const auto due = state_->due(now)) wakeup_->by(*due);
}

/// Once for each time that there is none, but for the first nodes of a cluster that starts.
void Cluster::report_decider(Time now) {
  const bool alone = state_->decider() == 0;
  if (alone == reported_alone_ || (alone && now < waits_until_)) return;
  reported_alone_ = alone;
  const auto sees = "sees " + std::to_string(state_->seen().size()) + " of " +
                    std::to_string(settings_.members.size()) + " nodes, itself included";
  if (!alone) {
    const auto& who = settings_.nodes[state_->decider() - 1].name;
    return settings_.log(LogLevel::info, "cluster", sees + ": node " + who + " may place bees again");
  }
  const bool two = settings_.members.size() == 2;
  settings_.log(LogLevel::warning, "cluster",
                sees + ": nothing is placed, and what was lost stays so, until it sees " +
                    (two ? "node " + settings_.nodes.front().name : std::string("more than half of them")));
}

void Cluster::apply(std::uint32_t swarm) {
  const auto view = state_->own_view(swarm);
  count_places(swarm, view);
  const auto& decided = state_->placement(swarm);
  settings_.log(LogLevel::info, "cluster",
                "placement " + std::to_string(decided.epoch.counter) + " of swarm '" + swarms_[swarm].name +
                    "', decided by node " + settings_.nodes[decided.epoch.node - 1].name + ": " +
                    text_of(decided, settings_.nodes));
  sites_[swarm]->swarm->place(view);
}

void Cluster::count_places(std::uint32_t swarm, const Placement& view) {
  sites_[swarm]->placed.set(counts_of(view, settings_.self, state_->seen()));
}

void Cluster::see_others() {
  seen_.set(state_->seen().size());
  for (std::uint32_t swarm = 0; swarm < sites_.size(); ++swarm) count_places(swarm, state_->own_view(swarm));
}

/// It stays placed there: what fails on one node would fail on the next one.
void Cluster::report_failures(NodeNumber node, const std::vector<std::uint32_t>& failed) {
  auto& known = peers_[node - 1].failed;
  for (const auto swarm : failed) {
    if (swarm >= swarms_.size() || std::ranges::count(known, swarm) != 0) continue;
    known.push_back(swarm);
    settings_.log(LogLevel::error, "cluster",
                  "swarm '" + swarms_[swarm].name + "' has failed on node " + settings_.nodes[node - 1].name +
                      ": what is placed there does nothing until that node is started again");
  }
}

void Cluster::say_presence(Link& link, std::uint32_t swarm) {
  const auto all = sites_[swarm]->swarm->presence();
  for (std::span<const ActorPresence> rest = all; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), limits::link_presences_max));
    link.send(PresenceNotice{swarm, {some.begin(), some.end()}});
    rest = rest.subspan(some.size());
  }
}

/// Once while its link is up: what was sent arrives, whatever it says meanwhile.
void Cluster::say_placement(NodeNumber node, std::uint32_t swarm) {
  const auto& placement = state_->placement(swarm);
  auto& link = *host_->link(node);
  if (!link.up() || std::exchange(peers_[node - 1].told_epochs[swarm], placement.epoch) == placement.epoch) return;
  link.send(PlacementNotice{swarm, placement});
}

void Cluster::say_placement(std::uint32_t swarm) {
  for (const auto& link : host_->links()) {
    if (link->up()) say_placement(link->peer().number, swarm);
  }
}

template <class Notice>
void Cluster::say(const Notice& notice) {
  for (const auto& link : host_->links()) link->send(notice);
}

void Cluster::changed(std::uint32_t swarm, ActorPresence presence) {
  say(PresenceNotice{swarm, {std::move(presence)}});
}

}  // namespace skep
