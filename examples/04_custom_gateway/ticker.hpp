#pragma once
// A gateway with a thread of its own: submits a number now and then. Where a library calls you, or makes you wait, do
// as its thread does.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "skep/gateways/gateway_class.hpp"

namespace example {

class Ticker final : public skep::Gateway {
 public:
  struct Options {
    std::chrono::nanoseconds interval = std::chrono::seconds(1);
  };

  static void describe(skep::GatewayClass<Ticker>& c) {
    c.summary("Submits 1, 2, 3 and so on.").in().option("interval", &Options::interval, "between two", {.min = 0.001});
  }
  explicit Ticker(Options options) : options_(options) {}
  ~Ticker() override {
    {
      const std::scoped_lock lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void on_start(skep::GatewayContext& context) override {
    thread_ = std::thread([this, &context] { run(context); });
  }

 private:
  void run(skep::GatewayContext& context) {
    try {
      for (std::uint64_t number = 1; wait();) {
        if (context.submit({.payload = skep::Payload::raw(std::to_string(number))})) {
          ++number;
        } else if (!context.await_room(options_.interval) && context.closed()) {
          return;  // it drains: nothing is taken any more
        }
      }
    } catch (const std::exception& failed) {
      context.fail(failed.what());  // a throw out of a thread would end the process
    }
  }

  /// False: it ends.
  bool wait() {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, options_.interval, [this] { return ends_; });
  }

  Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace example
