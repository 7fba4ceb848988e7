#include "descriptor_watches.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "net/loop.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {

void DescriptorWatches::add(int descriptor) {
  if (watches_.contains(descriptor)) return;
  if (watches_.size() >= limits::gateway_watches_max) {
    throw std::length_error("more than " + std::to_string(limits::gateway_watches_max) +
                            " watched descriptors (gateway_watches_max)");
  }
  ReadinessPtr readiness;
  if (loop_ != nullptr) {
    readiness = new Readiness(loop_->context(), descriptor, [this, descriptor] { readable(descriptor); });
    arm(*readiness);
  }
  watches_.emplace(descriptor, std::move(readiness));
}

void DescriptorWatches::remove(int descriptor) {
  const auto found = watches_.find(descriptor);
  if (found == watches_.end()) return;
  const auto readiness = found->second;
  watches_.erase(found);
  if (readiness) readiness->cancel();
}

void DescriptorWatches::clear() noexcept {
  for (const auto& [descriptor, readiness] : std::exchange(watches_, {})) {
    if (readiness) readiness->cancel();
  }
}

void DescriptorWatches::arm(Readiness& readiness) {
  if (calls_.has_room()) return readiness.arm();
  waits_ = true;
}

void DescriptorWatches::room() {
  if (!waits_ || !calls_.has_room()) return;
  waits_ = false;
  for (const auto& [descriptor, readiness] : watches_) {
    if (readiness) readiness->arm();
  }
}

void DescriptorWatches::readable(int descriptor) {
  if (!watches_.contains(descriptor)) return;
  if (!calls_.has_room()) {
    waits_ = true;
    return;
  }
  calls_.readable(descriptor);
  const auto found = watches_.find(descriptor);
  if (found != watches_.end() && found->second) arm(*found->second);
}

std::vector<int> DescriptorWatches::all() const {
  std::vector<int> all;
  if (!calls_.has_room()) return all;
  for (const auto& [descriptor, readiness] : watches_) all.push_back(descriptor);
  return all;
}

}  // namespace skep
