// Loads a server on loopback and checks that every request gets its own answer.
//
// One thread, epoll, a closed loop: each connection keeps `--in-flight` requests open. Answers of the warm-up are not
// counted; those still open at the end are awaited, and one that does not come within ten seconds is a failure.
//
// Usage: load --protocol tcp|websocket --port N [--connections N] [--in-flight N] [--payload BYTES]
//             [--requests FILE [--request-bytes N] [--endings FILE]] [--tls-authorities FILE]
//             [--milliseconds N] [--warm-up-milliseconds N]
// It asks JSON of `--payload` bytes and expects an echo, or asks the lines of a file; endings are those of their
// answers. A file with requests of so many bytes each is binary, and so are the messages then. With `--tls-authorities`
// it speaks TLS 1.3, and the server's certificate is one of theirs.
//
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

bench::Questions questions_of(bench::Arguments& arguments) {
  const auto requests = arguments.text("--requests", "");
  if (requests.empty()) return bench::Questions(arguments.number("--payload", 100));
  return {requests, arguments.number("--request-bytes", 0), arguments.text("--endings", "")};
}

bench::Protocol protocol_of(bench::Arguments& arguments) {
  const auto name = arguments.text("--protocol", "tcp");
  if (name != "tcp" && name != "websocket") bench::Arguments::fail("unknown protocol " + name);
  return name == "tcp" ? bench::Protocol::tcp : bench::Protocol::websocket;
}

Clients connect(const bench::Target& target, std::uint64_t count, Load& load, Poll& poll) {
  Clients clients;
  for (std::uint32_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Client>(target, i, load));
    poll.add(*clients.back());
  }
  for (const auto& client : clients) {
    step_until(
        poll, [&] { return client->opened(); }, Clock::now() + answer_time_max, "a connection does not open");
  }
  return clients;
}

void run(bench::Arguments& arguments) {
  Load load{.questions = questions_of(arguments),
            .in_flight = static_cast<std::uint32_t>(arguments.number("--in-flight", 1))};
  load.latencies.reserve(1 << 20);
  const std::chrono::milliseconds warm_up(arguments.number("--warm-up-milliseconds", 200));
  const std::chrono::milliseconds measured(arguments.number("--milliseconds", 1000));

  Poll poll;
  const auto authorities = arguments.text("--tls-authorities", "");
  const auto tls = authorities.empty() ? nullptr : bench::tls_context(authorities);
  const bench::Target target{protocol_of(arguments), arguments.number("--request-bytes", 0) != 0,
                             static_cast<std::uint16_t>(arguments.number("--port", 0)), tls.get()};
  const auto clients = connect(target, arguments.number("--connections", 1), load, poll);
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
