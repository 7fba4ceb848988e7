#include "skep/gateways/io_thread.hpp"

#include "net/loop.hpp"

namespace skep {

IoThread::IoThread(caf::actor_system& system) : loop_(std::make_unique<Loop>(system)) {}

IoThread::~IoThread() = default;

void IoThread::stop() {
  loop_->stop();
}

}  // namespace skep
