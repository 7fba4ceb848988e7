// A plug-in with gateways alone.

#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "skep/gateways/plugin.hpp"

namespace {

/// Submits 1, 2, 3 and so on, each once the one before is answered; the first object of a process throws at one.
class Counter final : public skep::Gateway {
 public:
  struct Options {
    std::int64_t count = 10;
    std::int64_t throws_at = 0;
    std::string licence{};
    std::string listen = "127.0.0.1:7";
  };
  static void describe(skep::GatewayClass<Counter>& c) {
    c.summary("Counts.")
        .answers()
        .listens("listen", skep::ListenProtocol::udp)
        .option("count", &Options::count, "so far", {.min = 1, .max = 1000})
        .option("throws_at", &Options::throws_at, "at this answer, if the licence was not used in this process")
        .option("licence", &Options::licence)
        .option("listen", &Options::listen, "where it would");
  }
  explicit Counter(Options options) : options_(std::move(options)) {}

  void on_start(skep::GatewayContext& context) override {
    context_ = &context;
    const std::scoped_lock lock(mutex_);
    throws_ = used_.insert(options_.licence).second;
    next();
  }
  void on_answer(const skep::Answered&) override {
    if (throws_ && submitted_ == options_.throws_at) throw std::runtime_error("as it should");
    if (submitted_ < options_.count) return next();
    context_->log(skep::LogLevel::info, "counted to " + std::to_string(submitted_));
  }

 private:
  void next() {
    ++submitted_;
    static_cast<void>(context_->submit({.payload = skep::Payload::raw(std::to_string(submitted_))}));
  }

  Options options_;
  skep::GatewayContext* context_ = nullptr;
  std::int64_t submitted_ = 0;
  bool throws_ = false;
  static inline std::mutex mutex_;
  static inline std::set<std::string> used_;
};

class Out final : public skep::Gateway {
 public:
  static void describe(skep::GatewayClass<Out>& c) { c.summary("Takes records.").out(); }
};

class In final : public skep::Gateway {
 public:
  static void describe(skep::GatewayClass<In>& c) { c.in().content(skep::ContentKind::json); }
};

}  // namespace

SKEP_GATEWAYS(gateways) {
  gateways.add<Counter>("gates.counter");
  gateways.add<Out>("gates.out");
  gateways.add<In>("gates.in");
}
