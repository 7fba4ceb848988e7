#include "net/loop.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <chrono>
#include <csignal>

namespace skep {
namespace {

/// Messages that an actor handles before sockets have their turn.
constexpr std::size_t messages_per_turn = 64;
/// Messages that a bee handles inline at once.
constexpr std::size_t messages_inline = 16;
/// Since there was nothing to do. A loop with more has no time for bees.
constexpr int handlers_of_idle_max = 4;

}  // namespace

IoThreads::Loop::Loop(caf::actor_system& system, std::string name, std::size_t payload_bytes_max, std::size_t threads,
                      RunsInline runs_inline)
    : caf::execution_unit(&system),
      name_(std::move(name)),
      admission_(payload_bytes_max, threads),
      work_(boost::asio::make_work_guard(context_)),
      runs_inline_(runs_inline),
      handover_(limits::inline_run_time_max),
      threads_{LoopThread{{system, [this](caf::resumable* actor) { hand_on(actor); }}},
               LoopThread{{system, [this](caf::resumable* actor) { hand_on(actor); }}}} {
  threads_[0].thread = std::thread([this] { live(threads_[0], threads_[1], true); });
  try {
    threads_[1].thread = std::thread([this] { live(threads_[1], threads_[0], false); });
  } catch (...) {
    stop();
    throw;
  }
}

IoThreads::Loop::~Loop() {
  stop();
}

void IoThreads::Loop::stop() {
  if (!threads_[0].thread.joinable()) return;
  boost::asio::post(context_, [this] { context_.stop(); });
  for (auto& [unit, thread, handle] : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void IoThreads::Loop::live(LoopThread& own, LoopThread& other, bool owner) {
  // A pipe whose reader is gone is an error of the write. No other signal is blocked here: bees may handle faults of
  // their own, and what they start inherits this.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  own.handle = pthread_self();
  const auto stands_by = [&own] { pthread_setname_np(own.handle, "skep-spare"); };
  const auto takes_over = [&other] { pthread_setname_np(other.handle, "skep-stuck"); };
  for (;; owner = !owner) {
    if (owner) {
      pthread_setname_np(own.handle, name_.c_str());
      run(own);
      if (context_.stopped()) return handover_.stop();
    } else {
      if (!handover_.stand_by(stands_by, takes_over)) return;
      for (auto* actor : other.unit.close()) hand_on(actor);
    }
  }
}

/// Until the loop has stopped, or another thread has it.
void IoThreads::Loop::run(LoopThread& own) {
  owner_ = std::this_thread::get_id();  // before the other: see handles_here
  has_bee_inside_ = false;
  for (;;) {
    if (context_.poll_one() != 0) {
      handlers_since_idle_ = std::min(handlers_since_idle_ + 1, handlers_of_idle_max + 1);
      if (handlers_since_idle_ > handlers_of_idle_max) hand_on_all();
    } else if (bees_.empty()) {
      handlers_since_idle_ = 0;
      if (context_.run_one() == 0) return;
    } else if (context_.stopped()) {
      return hand_on_all();
    } else {
      auto* const bee = bees_.front();
      bees_.pop_front();
      if (!run_inline(own, bee)) return;
    }
  }
}

/// False: another thread has the loop now.
bool IoThreads::Loop::run_inline(LoopThread& own, caf::resumable* bee) {
  own.unit.open();  // these two before: from then on another thread may have the loop
  has_bee_inside_ = true;
  const auto absence = handover_.leave();
  if (absence == Handover::none) {
    has_bee_inside_ = false;
    for (auto* actor : own.unit.close()) hand_on(actor);
    hand_on(bee);
    return true;
  }
  const bool goes_on = bee->resume(&own.unit, messages_inline) == caf::resumable::resume_later;
  // The end of a bee that has ended belongs to its slice: it may be the last reference.
  if (!goes_on) caf::intrusive_ptr_release(bee);
  const bool is_back = handover_.come_back(absence);
  if (is_back) has_bee_inside_ = false;
  const auto ready = own.unit.close();
  if (goes_on) hand_on(bee);
  for (auto* actor : ready) {
    if (!is_back) {
      hand_on(actor);
    } else if (actor->subtype() == caf::resumable::io_actor) {
      resume(caf::intrusive_ptr<caf::resumable>(actor, false));
    } else {
      exec_later(actor);
    }
  }
  return is_back;
}

caf::execution_unit* IoThreads::Loop::unit_for(caf::execution_unit* sender) noexcept {
  return sender == &threads_[0].unit || sender == &threads_[1].unit ? sender : this;
}

void IoThreads::Loop::exec_later(caf::resumable* actor) {
  if (actor->subtype() == caf::resumable::io_actor) return hand_on(actor);
  if (bees_.size() >= limits::inline_bees_max || !runs_inline_(*actor)) return hand_on(actor);
  bees_.push_back(actor);
}

/// To where it is run in any case. Threads: any.
void IoThreads::Loop::hand_on(caf::resumable* actor) {
  if (actor->subtype() != caf::resumable::io_actor) return system().scheduler().enqueue(actor);
  post(caf::intrusive_ptr<caf::resumable>(actor, false));
}

void IoThreads::Loop::hand_on_all() {
  for (auto* bee : bees_) hand_on(bee);
  bees_.clear();
}

void IoThreads::Loop::post(caf::intrusive_ptr<caf::resumable> actor) {
  boost::asio::post(context_, [this, actor = std::move(actor)]() mutable { resume(std::move(actor)); });
}

void IoThreads::Loop::resume(caf::intrusive_ptr<caf::resumable> actor) {
  // Done and waiting actors drop the reference here; the next message that wakes one brings a new one.
  if (actor->resume(this, messages_per_turn) == caf::resumable::resume_later) post(std::move(actor));
}

}  // namespace skep
