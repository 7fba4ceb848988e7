#include "skep/gateways/io_thread.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "net/loop.hpp"

namespace skep {

IoThread::IoThread(caf::actor_system& system, std::size_t payload_bytes_max)
    : loop_(std::make_unique<Loop>(system, payload_bytes_max)) {}

IoThread::~IoThread() = default;

void IoThread::stop() {
  loop_->stop();
}

void IoThread::shed(std::string why) {
  boost::asio::post(loop_->context(),
                    [loop = loop_.get(), why = std::move(why)]() mutable { loop->admission().shed(std::move(why)); });
}

void IoThread::take_again() {
  boost::asio::post(loop_->context(), [loop = loop_.get()] { loop->admission().take_again(); });
}

}  // namespace skep
