#pragma once
// What every contender of the "two nodes" rows is told, and what it prints: bench/two_nodes.py has the contract.
//
// Two processes on loopback: `play` forks, so call it first of all in main(), while there is one thread. The receiver
// listens where the system wants it to, the sender measures; the receiver never outlives it.

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>

#include "support/arguments.hpp"
#include "support/samples.hpp"

namespace bench {

enum class Work { batched, single, round_trip, bulk };

constexpr std::size_t record_bytes = 100;
constexpr std::size_t batch_records = 256;
constexpr std::size_t bulk_bytes = 65536;

struct TwoNodes {
  explicit TwoNodes(Arguments& arguments)
      : certificates(arguments.text("--certificates", ".")),
        time(arguments.number("--milliseconds", 2000)),
        warm_up(arguments.number("--warm-up-milliseconds", 500)) {
    const auto name = arguments.text("--work", "batched");
    if (name == "single") {
      work = Work::single;
    } else if (name == "round-trip") {
      work = Work::round_trip;
    } else if (name == "bulk") {
      work = Work::bulk;
    } else if (name != "batched") {
      Arguments::fail("unknown work: " + name);
    }
  }

  [[nodiscard]] std::string file(const std::string& name) const { return certificates + "/" + name; }

  Work work = Work::batched;
  std::string certificates;  ///< a folder with ca.pem, and sender and receiver, each .pem and .key
  std::chrono::milliseconds time, warm_up;
};

/// Counts what came of the time after the warm-up.
class Meter {
 public:
  explicit Meter(const TwoNodes& settings) : settings_(settings) {}

  /// False once the time is up.
  [[nodiscard]] bool add(std::uint64_t count) {
    end_ = Clock::now();
    if (measuring_) {
      count_ += count;
      return end_ - start_ < settings_.time;
    }
    measuring_ = end_ - start_ >= settings_.warm_up;
    if (measuring_) start_ = end_;
    return true;
  }

  /// Whether the warm-up is over.
  [[nodiscard]] bool measuring() const { return measuring_; }

  /// Of those counted, until now or until the last was.
  [[nodiscard]] double per_second_until_now() const { return static_cast<double>(count_) / seconds_since(start_); }
  [[nodiscard]] double per_second() const {
    return static_cast<double>(count_) / std::chrono::duration<double>(end_ - start_).count();
  }

 private:
  const TwoNodes& settings_;
  Clock::time_point start_ = Clock::now(), end_ = start_;
  std::uint64_t count_ = 0;
  bool measuring_ = false;
};

inline void print_round_trips(Samples& samples) {
  std::cout << "{\"p50_us\": " << samples.percentile(0.5) << ", \"p99_us\": " << samples.percentile(0.99) << "}"
            << std::endl;
}

/// `messages_per_second` counts batches, single records, or payloads.
inline void print_rate(Work work, double messages_per_second) {
  const auto print = [](const char* unit, double value) {
    std::cout << "{\"" << unit << "\": " << value << "}" << std::endl;
  };
  if (work == Work::batched) return print("records_per_s", messages_per_second * batch_records);
  if (work == Work::single) return print("messages_per_s", messages_per_second);
  print("megabytes_per_s", messages_per_second * bulk_bytes / 1e6);
}

/// Tells the sender the port of a receiver that listens.
using Announce = std::function<void(std::uint16_t)>;

inline void receiver_has_died(int) {
  constexpr std::string_view what = "the receiver ended before the sender was done\n";
  (void)!::write(STDERR_FILENO, what.data(), what.size());
  std::_Exit(1);
}

/// Runs `receive` in a process of its own and `send` in this one, and ends both when `send` has returned. If the
/// receiver ends by itself so does the sender; and both end by SIGALRM if they take a minute more than they should.
[[noreturn]] inline void play(const TwoNodes& settings, const std::function<void(const Announce&)>& receive,
                              const std::function<void(std::uint16_t)>& send) {
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(settings.time + settings.warm_up).count() + 60;
  int ends[2];
  if (::pipe(ends) != 0) Arguments::fail("no pipe");
  std::signal(SIGCHLD, receiver_has_died);
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child < 0) Arguments::fail("no second process");
  ::alarm(static_cast<unsigned>(limit));
  if (child == 0) {
    std::signal(SIGCHLD, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) std::_Exit(1);
    ::close(ends[0]);
    receive([&](std::uint16_t port) {
      if (::write(ends[1], &port, sizeof port) != sizeof port) std::_Exit(1);
    });
    while (true) ::pause();
  }
  ::close(ends[1]);
  std::uint16_t port = 0;
  if (::read(ends[0], &port, sizeof port) != sizeof port) Arguments::fail("the receiver did not start");
  send(port);
  std::signal(SIGCHLD, SIG_DFL);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::_Exit(0);  // what `send` left running need not be awaited
}

/// The whole of such a program.
template <class Settings>
[[noreturn]] void play(int argc, char** argv, void (*receive)(const Settings&, const Announce&),
                       void (*send)(const Settings&, std::uint16_t)) {
  Arguments arguments(argc, argv);
  const Settings settings(arguments);
  play(
      settings, [&](const Announce& announce) { receive(settings, announce); },
      [&](std::uint16_t port) { send(settings, port); });
}

}  // namespace bench
