#include "doorkeeper.hpp"

#include <chrono>
#include <utility>

namespace skep {
namespace {

constexpr std::chrono::seconds report_interval{1};

}  // namespace

Doorkeeper::Doorkeeper(boost::asio::io_context& context, Handlers handlers)
    : handlers_(std::move(handlers)), lines_(report_interval), wakeup_(new LoopWakeup(context, [this] { report(); })) {}

void Doorkeeper::refuse(For what, const std::string& address, const std::string& why) {
  if (!open_) return;
  if (what == For::tls) ++tls_;
  handlers_.counted();
  if (const auto line = lines_.add(address + " is refused: " + why, std::chrono::steady_clock::now())) {
    handlers_.log(*line);
  }
  if (const auto due = lines_.due()) wakeup_->by(*due);
}

void Doorkeeper::report() {
  if (const auto line = lines_.take(std::chrono::steady_clock::now())) handlers_.log(*line);
}

void Doorkeeper::add_to(GatewayCounts& counts) const noexcept {
  counts.refused_tls += tls_;
}

void Doorkeeper::close() noexcept {
  open_ = false;
  wakeup_->cancel();
}

}  // namespace skep
