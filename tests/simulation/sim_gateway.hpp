#pragma once
// One incarnation of a gateway: clients' sessions, admission, answers in order.
//
// A request is admitted while the gateway has room for it and its record's receiver is not waited for by too many;
// else it is refused, in its place. Answers come over sessions without credit; the first one wins; later ones, those
// for another incarnation and those of clients that have left are orphans: acknowledged and dropped.

#include <vector>

#include "reply_sequencer.hpp"
#include "sim_actor.hpp"
#include "sim_inlet.hpp"
#include "sim_outlet.hpp"

namespace skep::simulation {

class SimGateway final : public SimActor {
 public:
  SimGateway(World& world, Place self, const Table& table);

  void request(std::uint32_t session);
  /// The client goes, another one comes.
  void leave(std::uint32_t session);
  void give_up() override;
  void expect_rest() override;

  /// All sessions' next request must be answered with a record.
  void probe();
  void expect_probes_answered();

 private:
  struct Session {
    ReplySequencer replies;
    std::uint32_t number = 0;    ///< of clients, from 0
    std::uint64_t answered = 0;  ///< requests
    bool record_last = false;    ///< its last answer was a record
  };

  void receive(const EdgeForth& forth) override;
  void on_ack(const EdgeBack& back) override;
  void apply(const Table& table) override;
  void on_timer(Timer::Kind kind) override;

  [[nodiscard]] std::size_t open_count() const noexcept;
  [[nodiscard]] Record make(std::uint32_t session, std::uint32_t key, Time deadline);
  void take_answer(Record record);
  void deliver(std::uint32_t session);
  void expect_answer(std::uint32_t session, const Answer& answer);
  void arm();
  void go_on();

  SimInlet inlet_;
  SimOutlet outlet_;
  std::vector<Session> sessions_;
  std::uint32_t clients_ = 0;
  std::optional<Time> armed_;
};

}  // namespace skep::simulation
