#pragma once
// One incarnation of a gateway: clients' sessions, admission, answers in order.
//
// A request is admitted while the gateway has room for it and no edge of it is blocked; else it is refused, in its
// place. Answers come over sessions without credit; the first one wins; later ones, those for another incarnation and
// those of clients that have left are orphans: acknowledged and dropped. A one-way gateway gives no answers: while it
// is blocked it reads no further, and its clients wait.

#include <deque>
#include <optional>
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
  /// The next record that is admitted ends replicas of that stage.
  void poison(std::size_t stage);
  /// The client goes, another one comes.
  void leave(std::uint32_t session);
  void give_up() override;
  void expect_rest() override;

  /// This session's next request must be answered with a record.
  void probe(std::uint32_t session);
  void expect_probes_answered();

 private:
  struct Session {
    ReplySequencer replies;
    std::uint32_t number = 0;    ///< of clients, from 0
    std::uint64_t answered = 0;  ///< requests
  };

  void receive(const EdgeForth& forth) override;
  void on_ack(const EdgeBack& back) override;
  void apply(const Table& table) override;
  void on_timer(Timer::Kind kind) override;

  [[nodiscard]] std::size_t open_count() const noexcept;
  void send(std::uint32_t session);
  void read();
  void answer_returned();
  [[nodiscard]] Record make(std::uint32_t session, std::uint32_t key, Time deadline);
  bool take_answer(const Record& request, Answer answer);
  void deliver(std::uint32_t session);
  void expect_answer(std::uint32_t session, const Answer& answer);
  void arm();
  void go_on();

  SimInlet inlet_;
  SimOutlet outlet_;
  std::vector<Session> sessions_;
  std::uint32_t clients_ = 0;
  std::deque<std::uint32_t> unread_;  ///< one-way: sessions, by request
  std::vector<RecordNumber> probes_;  ///< records
  std::size_t probed_ = 0;            ///< sessions
  std::size_t poisons_ = stages;      ///< the next record; stages: nothing
  bool poisoned_ = false;
  std::optional<Time> armed_;
};

}  // namespace skep::simulation
