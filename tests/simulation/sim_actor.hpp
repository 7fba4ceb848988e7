#pragma once
// One placement of a gateway or a replica, as its node sees it.
//
// One that does not return from a call handles nothing: its messages and timers wait in its mailbox.

#include <deque>

#include "message.hpp"
#include "world.hpp"

namespace skep::simulation {

class SimActor {
 public:
  SimActor(World& world, Place self) : world_(world), self_(self) {}
  virtual ~SimActor() = default;
  SimActor(const SimActor&) = delete;
  SimActor& operator=(const SimActor&) = delete;

  void handle(Body body);
  void stop() { stopped_ = true; }
  void release();
  /// The placement ends, and all it has is gone.
  virtual void give_up() = 0;
  virtual void expect_rest() = 0;

  [[nodiscard]] const Place& self() const noexcept { return self_; }

 protected:
  virtual void receive(const EdgeForth& forth) = 0;
  virtual void on_ack(const EdgeBack& back) = 0;
  virtual void apply(const Table& table) = 0;
  virtual void on_timer(Timer::Kind kind) = 0;

  World& world_;
  const Place self_;

 private:
  void dispatch(Body& body);

  bool stopped_ = false;
  std::deque<Body> mailbox_;
};

}  // namespace skep::simulation
