// Bees that tests of the runtime need: plain, slow, failing, stuck.

#include <pthread.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <list>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "skep/actors/plugin.hpp"
#include "skep/serialization/json.hpp"

namespace {

/// Blocks the calling thread, as a bee that computes for long would.
void block_for(std::chrono::nanoseconds time) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, time, [] { return false; });
}

/// In pieces, so that no time in which the process itself was stopped counts.
void block_in_pieces_for(std::chrono::nanoseconds time) {
  constexpr std::chrono::nanoseconds piece = std::chrono::milliseconds(10);
  for (; time > piece; time -= piece) block_for(piece);
  block_for(time);
}

class Echo final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Echo>& c) { c.summary("Sends on what it gets."); }
  void on_record(skep::Record record, skep::Outbox& out) override { out.emit(std::move(record)); }
};

class Slow final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds delay = std::chrono::milliseconds(1);
  };
  static void describe(skep::BeeClass<Slow>& c) {
    c.summary("Sends on what it gets, after a while.").option("delay", &Options::delay, "per record");
  }
  explicit Slow(Options options) : options_(options) {}
  void on_record(skep::Record record, skep::Outbox& out) override {
    block_in_pieces_for(options_.delay);
    out.emit(std::move(record));
  }

 private:
  Options options_;
};

/// Computes for so long per record.
class Busy final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds work = std::chrono::milliseconds(1);
  };
  static void describe(skep::BeeClass<Busy>& c) {
    c.summary("Sends on what it gets, after computing for a while.").option("work", &Options::work, "per record");
  }
  explicit Busy(Options options) : options_(options) {}
  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto end = std::chrono::steady_clock::now() + options_.work;
    while (std::chrono::steady_clock::now() < end) turns_ = turns_ + 1;
    out.emit(std::move(record));
  }

 private:
  Options options_;
  volatile std::uint64_t turns_ = 0;
};

/// Stands still while there is a file.
class Gate final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds delay{};
    std::string gate;
  };
  static void describe(skep::BeeClass<Gate>& c) {
    c.summary("Sends on what it gets, as long as the file `gate` is not there.")
        .option("delay", &Options::delay, "per record")
        .option("gate", &Options::gate, "a file");
  }
  explicit Gate(Options options) : options_(std::move(options)) {}
  void on_record(skep::Record record, skep::Outbox& out) override {
    while (std::filesystem::exists(options_.gate)) block_for(std::chrono::milliseconds(5));
    block_for(options_.delay);
    out.emit(std::move(record));
  }

 private:
  Options options_;
};

/// Holds what it gets for `time`, and sends all of it on at once.
class Window final : public skep::Bee {
 public:
  struct Options {
    std::chrono::nanoseconds time = std::chrono::milliseconds(100);
  };
  static void describe(skep::BeeClass<Window>& c) {
    c.summary("Sends on what it gets, all that came within a time at once.")
        .input(skep::ContentKind::json)
        .holds_records()
        .option("time", &Options::time, "from the first record on");
  }
  explicit Window(Options options) : options_(options) {}
  void on_start(skep::BeeContext& context) override { context_ = &context; }
  void on_record(skep::Record record, skep::Outbox& out) override {
    if (held_.empty()) context_->start_timer(options_.time);
    held_.push_back(out.hold(std::move(record)));
  }
  void on_timer(skep::TimerId, skep::Outbox& out) override {
    for (auto& held : held_) out.emit(held.release());
    held_.clear();
  }

 private:
  Options options_;
  skep::BeeContext* context_ = nullptr;
  std::list<skep::Held> held_;
};

class Throwing final : public skep::Bee {
 public:
  struct Options {
    std::int64_t every = 100;
  };
  static void describe(skep::BeeClass<Throwing>& c) {
    c.summary("Throws on records whose 'n' is a multiple of `every`.")
        .input(skep::ContentKind::json)
        .option("every", &Options::every, {.min = 1});
  }
  explicit Throwing(Options options) : options_(options) {}
  void on_record(skep::Record record, skep::Outbox& out) override {
    auto document = skep::JsonDocument::parse(record.text());
    if (!document) throw skep::BadRecord(document.error().message);
    const auto number = document->integer("$.n");
    if (!number) throw skep::BadRecord("no integer 'n'");
    if (*number % options_.every == 0) throw std::runtime_error("refuses " + std::to_string(*number));
    out.emit(std::move(record));
  }

 private:
  Options options_;
};

class Unstartable final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Unstartable>& c) { c.summary("Does not start."); }
  void on_start(skep::BeeContext&) override { throw std::runtime_error("no fuel"); }
};

/// Starts only once in a process; throws on records that hold "throw".
class StartsOnce final : public skep::Bee {
 public:
  struct Options {
    std::string licence;
  };
  static void describe(skep::BeeClass<StartsOnce>& c) {
    c.summary("Starts, but never again.").option("licence", &Options::licence, "once for each, in a process");
  }
  explicit StartsOnce(Options options) : options_(std::move(options)) {}
  void on_start(skep::BeeContext&) override {
    const std::scoped_lock lock(mutex_);
    if (!used_.insert(options_.licence).second) throw std::runtime_error("the licence is used up");
  }
  void on_record(skep::Record record, skep::Outbox& out) override {
    if (record.text().find("throw") != std::string_view::npos) throw std::runtime_error("thrown");
    out.emit(std::move(record));
  }

 private:
  Options options_;
  static inline std::mutex mutex_;
  static inline std::set<std::string> used_;
};

class SlowStart final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<SlowStart>& c) { c.summary("Needs 300 ms to start."); }
  void on_start(skep::BeeContext&) override { block_for(std::chrono::milliseconds(300)); }
};

class Stuck final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Stuck>& c) { c.summary("Never returns from its first record, and says so."); }
  void on_start(skep::BeeContext& context) override { context_ = &context; }
  void on_record(skep::Record, skep::Outbox&) override {
    context_->log(skep::LogLevel::info, "stuck from here on");
    block_for(std::chrono::hours(24));
  }

 private:
  skep::BeeContext* context_ = nullptr;
};

/// An endless loop on records that hold "loop"; on those with "loop inline" only where it is a gateway's thread that
/// runs it.
class Looping final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Looping>& c) {
    c.summary("Sends on what it gets, until it is told to loop, or to rest.");
  }
  void on_start(skep::BeeContext& context) override { context_ = &context; }
  void on_record(skep::Record record, skep::Outbox& out) override {
    const bool loops = record.text().find("loop") != std::string_view::npos &&
                       (record.text().find("inline") == std::string_view::npos || runs_inline());
    const bool rests = record.text().find("rest") != std::string_view::npos;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    if (loops) context_->log(skep::LogLevel::info, "loops from here on");
    while (loops || (rests && std::chrono::steady_clock::now() < until)) turns_ = turns_ + 1;
    out.emit(std::move(record));
  }

 private:
  static bool runs_inline() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return std::string_view(name.data()) == "skep-io";
  }

  skep::BeeContext* context_ = nullptr;
  volatile std::uint64_t turns_ = 0;
};

/// Never returns from records that hold "hang"; the processor is others' meanwhile.
class Hanging final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Hanging>& c) { c.summary("Sends on what it gets, until it is told to hang."); }
  void on_record(skep::Record record, skep::Outbox& out) override {
    if (record.text().find("hang") != std::string_view::npos) block_for(std::chrono::hours(24));
    out.emit(std::move(record));
  }
};

/// Sends on what it gets, and takes memory that it never gives back.
class Hoarding final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Hoarding>& c) {
    c.summary("Takes 1 MiB each 10 ms from a record \"hoard\" on; all there is, at once, on a record \"flood\".");
  }
  void on_start(skep::BeeContext& context) override { context_ = &context; }
  void on_record(skep::Record record, skep::Outbox& out) override {
    while (record.text().find("flood") != std::string_view::npos) take();
    if (record.text().find("hoard") != std::string_view::npos) wait();
    out.emit(std::move(record));
  }
  void on_timer(skep::TimerId, skep::Outbox&) override {
    take();
    wait();
  }

 private:
  void take() { kept_.emplace_back(std::size_t{1} << 20, 'x'); }
  void wait() { context_->start_timer(std::chrono::milliseconds(10)); }

  skep::BeeContext* context_ = nullptr;
  std::list<std::string> kept_;
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Echo>("test.echo");
  bees.add<Slow>("test.slow");
  bees.add<Busy>("test.busy");
  bees.add<Gate>("test.gate");
  bees.add<Window>("test.window");
  bees.add<Throwing>("test.throwing");
  bees.add<Unstartable>("test.unstartable");
  bees.add<StartsOnce>("test.starts_once");
  bees.add<SlowStart>("test.slow_start");
  bees.add<Stuck>("test.stuck");
  bees.add<Looping>("test.looping");
  bees.add<Hanging>("test.hanging");
  bees.add<Hoarding>("test.hoarding");
}
