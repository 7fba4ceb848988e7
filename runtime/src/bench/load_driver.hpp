#pragma once
// Decides which client sends when, and counts what becomes of it. Pure: it is told the time, and has no socket.
//
// In a closed loop a request is due when a client has room for it. In an open one it is due when the schedule says so,
// and its latency counts from then, whenever it is sent: a target that stands still for a second is seen by all the
// requests of that second, and not by the one alone that it held up ("coordinated omission", Gil Tene). One that finds
// no room waits for it, up to the time that a request may take.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bench/load_figures.hpp"
#include "bench/load_plan.hpp"
#include "bench/request_queue.hpp"

namespace skep::bench {

class LoadDriver {
 public:
  using Time = OpenRequest::Time;
  using Client = std::uint32_t;  ///< from 0

  struct Send {
    Client client = 0;
    std::uint64_t number = 0;  ///< of the request, from 0
  };

  struct Answer {
    std::uint64_t bytes = 0;
    std::optional<LoadError> error{};
  };

  /// Begins now. No client is connected.
  LoadDriver(const LoadPlan& plan, Time begin);

  void connected(Client client, Time now);
  /// What was open there is lost, and it gets nothing more until it is connected again; or it could not be connected.
  void lost(Client client, Time now, const std::string& why);
  /// So much waits to be written there that no more is to be, for now; or no longer.
  void full(Client client, bool is_full, Time now);
  /// What is to be sent now, if anything is; ask again until there is nothing. `sent_bytes` follows.
  [[nodiscard]] std::optional<Send> next(Time now);
  void sent_bytes(std::uint64_t bytes) noexcept;  ///< of the payload that was sent last
  void answered(Client client, Time now, const Answer& answer);
  /// Gives up what has taken too long.
  void give_up(Time now);
  /// Nothing more is sent, and what is open is not waited for.
  void stop(Time now);

  /// When `next` or `give_up` have something to do, if nothing else happens before.
  [[nodiscard]] Time wakes_at() const;
  /// Everything was sent, and all that counts has come to its end.
  [[nodiscard]] bool finished(Time now) const;

  [[nodiscard]] Time measured_from() const noexcept { return measured_from_; }
  [[nodiscard]] Time measured_until() const noexcept { return measured_until_; }
  [[nodiscard]] const LoadFigures& figures() const noexcept { return figures_; }
  [[nodiscard]] std::uint64_t all_answered() const noexcept { return all_answered_; }  ///< with the warm-up's

 private:
  struct ClientState {
    RequestQueue requests;
    bool connected = false;
    bool full = false;
    bool room = false;    ///< it may send one more
    bool queued = false;  ///< in `ready_`
  };

  [[nodiscard]] std::optional<Time> scheduled() const;
  [[nodiscard]] std::optional<Time> due(Time now) const;
  [[nodiscard]] bool counts(Time due) const { return due >= measured_from_ && due < measured_until_; }
  [[nodiscard]] Client take_ready();
  void update(Client client, Time now);
  void drop_overdue(Time now);
  void note_waits(Time due, Time now);

  const LoadPlan plan_;
  Time begin_, measured_from_, measured_until_;
  std::optional<ArrivalSchedule> schedule_;  ///< nothing: a closed loop
  std::vector<ClientState> clients_;
  std::deque<Client> ready_;     ///< those with room, in turn; some may have lost it
  std::uint32_t with_room_ = 0;  ///< clients
  Time room_since_{};            ///< while there are any
  Time give_up_at_;              ///< when to look next
  std::uint64_t number_ = 0;
  bool stopped_ = false;
  bool last_counts_ = false;  ///< what was sent last is measured
  std::uint64_t all_answered_ = 0;
  LoadFigures figures_;
};

}  // namespace skep::bench
