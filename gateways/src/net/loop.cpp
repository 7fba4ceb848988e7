#include "net/loop.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <csignal>

namespace skep {
namespace {

/// Messages that an actor handles before sockets have their turn.
constexpr std::size_t messages_per_turn = 64;

}  // namespace

IoThreads::Loop::Loop(caf::actor_system& system, std::string name, std::size_t payload_bytes_max, std::size_t threads)
    : caf::execution_unit(&system),
      name_(std::move(name)),
      admission_(payload_bytes_max, threads),
      work_(boost::asio::make_work_guard(context_)),
      thread_([this] { run(); }) {}

IoThreads::Loop::~Loop() {
  stop();
}

void IoThreads::Loop::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(context_, [this] { context_.stop(); });
  thread_.join();
}

void IoThreads::Loop::run() {
  sigset_t all;
  sigfillset(&all);  // signals are for main; a pipe whose reader is gone is an error of the write
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), name_.c_str());
  context_.run();
}

void IoThreads::Loop::exec_later(caf::resumable* actor) {
  if (actor->subtype() != caf::resumable::io_actor) return system().scheduler().enqueue(actor);
  post(caf::intrusive_ptr<caf::resumable>(actor, false));
}

void IoThreads::Loop::post(caf::intrusive_ptr<caf::resumable> actor) {
  boost::asio::post(context_, [this, actor = std::move(actor)]() mutable { resume(std::move(actor)); });
}

void IoThreads::Loop::resume(caf::intrusive_ptr<caf::resumable> actor) {
  // Done and waiting actors drop the reference here; the next message that wakes one brings a new one.
  if (actor->resume(this, messages_per_turn) == caf::resumable::resume_later) post(std::move(actor));
}

}  // namespace skep
