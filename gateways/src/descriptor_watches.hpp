#pragma once
// The descriptors that a custom gateway watches: told of one when there is something to read in it, and room for that.
//
// Lifetime: that of the transport; `clear` before the loop goes. Threads: the gateway's.

#include <functional>
#include <map>
#include <vector>

#include "net/readiness.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep {

class DescriptorWatches {
 public:
  struct Calls {
    std::function<bool()> has_room;
    std::function<void(int)> readable;  ///< may change what is watched
  };

  /// Without a `loop` nobody looks by itself: a harness asks for `all`, and says what is readable.
  DescriptorWatches(IoThreads::Loop* loop, Calls calls) : loop_(loop), calls_(std::move(calls)) {}

  /// Errors: throws std::length_error past limits::gateway_watches_max, std::system_error for what cannot be waited
  /// for.
  void add(int descriptor);
  void remove(int descriptor);
  void clear() noexcept;
  /// There may be room again.
  void room();
  /// There is something to read in it.
  void readable(int descriptor);
  /// Those that are told of now.
  [[nodiscard]] std::vector<int> all() const;

 private:
  void arm(Readiness& readiness);

  IoThreads::Loop* loop_;
  Calls calls_;
  std::map<int, ReadinessPtr> watches_;  ///< null where there is no loop
  bool waits_ = false;                   ///< some of them is not armed, for want of room
};

}  // namespace skep
