#include "skep/gateways/io_threads.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <cassert>
#include <utility>

#include "gateway_actor.hpp"
#include "net/loop.hpp"

namespace skep {

IoThreads::IoThreads(caf::actor_system& system, Settings settings) {
  assert(settings.count > 0);
  const auto bytes_max = settings.payload_bytes_max / settings.count;
  for (std::uint32_t thread = 0; thread < settings.count; ++thread) {
    const auto name = thread == 0 ? std::string("skep-io") : "skep-io/" + std::to_string(thread);
    // A budget that is too small to be divided is one byte and not none, which would have no bound.
    const auto own = settings.payload_bytes_max == 0 ? 0 : std::max<std::size_t>(bytes_max, 1);
    loops_.push_back(std::make_unique<Loop>(system, name, own, settings.count));
  }
}

GatewayHost::~GatewayHost() = default;
IoThreads::~IoThreads() = default;

void IoThreads::stop() {
  for (const auto& loop : loops_) loop->stop();
}

void IoThreads::shed(const std::string& why) {
  for (const auto& loop : loops_) {
    boost::asio::post(loop->context(), [loop = loop.get(), why] { loop->admission().shed(why); });
  }
}

void IoThreads::take_again() {
  for (const auto& loop : loops_) {
    boost::asio::post(loop->context(), [loop = loop.get()] { loop->admission().take_again(); });
  }
}

std::size_t IoThreads::first_of(const GatewaySettings& gateway) {
  const std::scoped_lock lock(mutex_);
  const auto [found, is_new] = firsts_.try_emplace(gateway.swarm + '.' + gateway.name, next_);
  if (is_new) next_ += gateway.spread.threads;
  return found->second;
}

caf::actor IoThreads::spawn(caf::actor_system& system, GatewayPlan plan, GatewaySettings settings) {
  auto& own = *loops_[(first_of(settings) + settings.spread.thread) % loops_.size()];
  caf::actor_config config(&own);
  return system.spawn_class<IoGatewayActor, caf::no_spawn_options>(config, own, std::move(plan), std::move(settings));
}

}  // namespace skep
