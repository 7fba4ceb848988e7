#pragma once
// The state of the link between this node and one other. Pure: what has come and the time in, what follows out.
//
//   down     nothing is there, or not both connections yet
//   waiting  both hellos are right; the node that was dialled waits for the first message, which shows that the other
//            one knows it too
//   up       records go both ways; heartbeats go out on control
//
// The node with the lower number dials: control, then data when control's hello was answered. Both say hello on each
// connection, the dialling one first. A hello carries the number of the attempt, so that two connections of one attempt
// find each other and one of an attempt that was given up joins nothing.
//
// The link goes down when a connection of it ends, when nothing has come on control for `silence_max`, or when the
// other node connects anew: it knows better that it has lost the link, or was started again. Data that does not move is
// no death: heartbeats tell. Silence while this node itself was stopped is not counted: what has come meanwhile is read
// first.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "link/link_message.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// Why a node with hello `own` refuses one with hello `its`; "": it does not. `its.node` is the name in its certificate
/// (whoever calls has compared them).
[[nodiscard]] std::string difference(const LinkHello& own, const LinkHello& its);

struct LinkSettings {
  std::chrono::nanoseconds heartbeat_interval = limits::link_heartbeat_interval;
  std::chrono::nanoseconds silence_max = limits::link_silence_max;
  std::chrono::nanoseconds hello_time_max = limits::link_hello_time_max;
  std::chrono::nanoseconds delay_min = limits::link_delay_min;   ///< before it is dialled again ...
  std::chrono::nanoseconds delay_max = limits::link_delay_max;   ///< ... doubled up to this
  std::chrono::nanoseconds lasted = limits::link_lasted_time;    ///< ... until a connection was there for so long
  std::size_t output_bytes_max = limits::link_output_bytes_max;  ///< waiting; more, and none of it moves: the link ends
  std::size_t proxies_max = limits::link_proxies_max;            ///< as RemoteActors
};

class LinkState {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { down, waiting, up };

  /// `dials`: this node has the lower number.
  LinkState(bool dials, const LinkSettings& settings) : dials_(dials), settings_(settings) {}

  /// The dialling node begins: what there was of the last attempt is gone (asserted: the phase is down). Returns the
  /// attempt's number, for the hellos.
  std::uint64_t begin(Time now);
  /// What a right hello (`difference`) means for what was there.
  enum class Joins : std::uint8_t {
    nothing,  ///< it is of an attempt that was given up: its connection is to be closed
    this_one,
    new_one,  ///< all other connections of the link are to be closed, if there are any; the link is down
  };
  Joins on_hello(LinkStream stream, std::uint64_t incarnation, std::uint64_t attempt, Time now);
  /// Any other message. Returns whether the link comes up with it.
  [[nodiscard]] bool on_message(LinkStream stream, Time now);
  /// A connection of the link has ended: so has the link.
  void on_end();

  struct Due {
    bool heartbeat = false;  ///< to be sent
    std::string dead{};      ///< the link is to end, for this reason
  };
  /// Call no earlier than `due`, and after what can be read was read.
  [[nodiscard]] Due tick(Time now);
  /// Nothing: no connection of this attempt has said hello.
  [[nodiscard]] std::optional<Time> due() const noexcept;

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  /// Of the dialling node: control is right, data is to be dialled.
  [[nodiscard]] bool wants_data() const noexcept { return dials_ && control_ && !data_; }
  [[nodiscard]] std::uint64_t attempt() const noexcept { return attempt_; }

 private:
  void reset();
  void come_up(Time now);

  bool dials_;
  LinkSettings settings_;
  Phase phase_ = Phase::down;
  bool control_ = false, data_ = false;  ///< have said hello
  bool open_ = false;                    ///< the attempt has not ended
  std::uint64_t incarnation_ = 0, attempt_ = 0;
  Time heard_{};                 ///< on control
  Time heartbeat_{};             ///< the next one
  Time looked_{};                ///< the last tick, or the beginning
  std::optional<Time> give_up_;  ///< of what is not up
};

}  // namespace skep
