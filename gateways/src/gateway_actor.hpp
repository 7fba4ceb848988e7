#pragma once
// The actor of one gateway: the messages it takes, and where it runs.
//
// IoGatewayActor is run by the I/O thread between socket events, as caf::io runs its brokers: its GatewayCore and all
// sockets share that thread, so nothing is locked. It keeps itself alive until an exit message.

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message_handler.hpp>

#include <memory>
#include <string>

#include "answers_in.hpp"
#include "gateway_core.hpp"
#include "gateway_plan.hpp"

namespace skep {

class GatewayActor : public caf::event_based_actor {
 public:
  void on_exit() override {
    core_->end();
    core_.reset();
    answers_.close();
  }

 protected:
  GatewayActor(caf::actor_config& config, GatewayThread thread, GatewayPlan plan, GatewaySettings settings);

  [[nodiscard]] GatewayCore& core() noexcept { return *core_; }
  [[nodiscard]] caf::message_handler handlers();
  caf::behavior make_behavior() override { return handlers(); }

 private:
  [[nodiscard]] caf::result<void> start(const RoutingTable& table);
  void break_off(const std::string& why);
  void take_replies(ReplyBatch& message);
  using End = void (GatewayCore::*)(std::chrono::milliseconds, std::function<void()>);
  [[nodiscard]] caf::result<GatewayCounters> end(End how, std::chrono::milliseconds time_max);

  GatewayPlan plan_;
  AnswersIn answers_;
  std::unique_ptr<GatewayCore> core_;
};

class IoGatewayActor final : public GatewayActor {
 public:
  IoGatewayActor(caf::actor_config& config, IoThreads::Loop& loop, GatewayPlan plan, GatewaySettings settings);

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) override;
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override;
  [[nodiscard]] subtype_t subtype() const override { return io_actor; }
  void on_exit() override;

 private:
  IoThreads::Loop& loop_;
  caf::strong_actor_ptr self_;  ///< until the exit: no handle is needed to keep a gateway open
};

}  // namespace skep
