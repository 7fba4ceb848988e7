// Loads an echo server on loopback and checks that every request gets its own answer.
//
// One thread, epoll, a closed loop: each connection keeps `--in-flight` requests open. Answers of the warm-up are not
// counted; those still open at the end are awaited, and one that does not come within ten seconds is a failure.
//
// Usage: load --protocol tcp|websocket --port N [--connections N] [--in-flight N] [--payload BYTES]
//             [--milliseconds N] [--warm-up-milliseconds N]
// Prints {"requests_per_s", "p50_us", "p99_us", "requests"}; exit 1 if anything was answered wrongly or not at all.

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

#include "end_to_end/client.hpp"
#include "support/arguments.hpp"

namespace {

using bench::Client;
using bench::Clock;
using bench::Load;
using Clients = std::vector<std::unique_ptr<Client>>;

constexpr std::chrono::seconds answer_time_max{10};

class Poll {
 public:
  Poll() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~Poll() { ::close(descriptor_); }
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  void add(Client& client) { control(EPOLL_CTL_ADD, client, EPOLLIN); }

  /// Serves what is ready; waits at most ten milliseconds for it.
  void step() {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(descriptor_, events.data(), events.size(), 10);
    for (int i = 0; i < count; ++i) serve(events[static_cast<std::size_t>(i)]);
  }

 private:
  void serve(const epoll_event& event) {
    auto& client = *static_cast<Client*>(event.data.ptr);
    const bool was_blocked = client.blocked();
    if (was_blocked) client.flush();
    if (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) client.read();
    if (client.blocked() != was_blocked) control(EPOLL_CTL_MOD, client, EPOLLIN | (was_blocked ? 0u : EPOLLOUT));
  }

  void control(int operation, Client& client, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &client;
    if (::epoll_ctl(descriptor_, operation, client.descriptor(), &event) != 0) throw std::runtime_error("epoll_ctl");
  }

  int descriptor_;
};

template <class Condition>
void step_until(Poll& poll, Condition&& condition, Clock::time_point deadline, const char* what) {
  while (!condition()) {
    if (Clock::now() > deadline) throw std::runtime_error(what);
    poll.step();
  }
}

std::string payload(std::size_t size) {
  const std::string begin = R"({"text":")", middle = R"(","id":")", end = R"(0000000000000000"})";
  const auto used = begin.size() + middle.size() + end.size();
  return begin + std::string(size > used ? size - used : 0, 'x') + middle + end;
}

Clients connect(bench::Protocol protocol, std::uint32_t count, std::uint16_t port, Load& load, Poll& poll) {
  Clients clients;
  for (std::uint32_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Client>(protocol, i, port, load));
    poll.add(*clients.back());
  }
  for (const auto& client : clients) {
    step_until(
        poll, [&] { return client->opened(); }, Clock::now() + answer_time_max, "a connection does not open");
  }
  return clients;
}

void run(bench::Arguments& arguments) {
  const auto name = arguments.text("--protocol", "tcp");
  const auto protocol = name == "tcp" ? bench::Protocol::tcp : bench::Protocol::websocket;
  if (protocol == bench::Protocol::websocket && name != "websocket") bench::Arguments::fail("unknown protocol " + name);
  Load load;
  load.payload = payload(arguments.number("--payload", 100));
  load.in_flight = static_cast<std::uint32_t>(arguments.number("--in-flight", 1));
  load.latencies.reserve(1 << 20);
  const std::chrono::milliseconds warm_up(arguments.number("--warm-up-milliseconds", 200));
  const std::chrono::milliseconds measured(arguments.number("--milliseconds", 1000));

  Poll poll;
  const auto clients = connect(protocol, static_cast<std::uint32_t>(arguments.number("--connections", 1)),
                               static_cast<std::uint16_t>(arguments.number("--port", 0)), load, poll);
  load.measure_from = Clock::now() + warm_up;
  load.measure_until = load.measure_from + measured;
  for (const auto& client : clients) client->start();
  while (Clock::now() < load.measure_until) poll.step();
  load.sending = false;
  step_until(
      poll, [&] { return load.answered == load.sent; }, Clock::now() + answer_time_max, "answers are missing");

  const double seconds = std::chrono::duration<double>(measured).count();
  std::cout << "{\"requests_per_s\": " << static_cast<double>(load.measured) / seconds
            << ", \"p50_us\": " << load.latencies.percentile(0.5) << ", \"p99_us\": " << load.latencies.percentile(0.99)
            << ", \"requests\": " << load.answered << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  try {
    run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "load: " << error.what() << std::endl;
    return 1;
  }
}
