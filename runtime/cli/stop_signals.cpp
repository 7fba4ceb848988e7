#include "stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "command.hpp"

namespace skep::cli {
namespace {

/// timeout(1) signals the process and then its group, which the process is in.
constexpr std::chrono::milliseconds sent_together{20};
/// A wrapper that passes Ctrl-C on does so after the terminal has told the whole group.
constexpr std::chrono::milliseconds passed_on{250};

bool from_terminal(const signalfd_siginfo& signal) {
  return signal.ssi_code == SI_KERNEL;
}

int checked(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

std::string name_of(int number) {
  return number == SIGTERM ? "SIGTERM" : number == SIGINT ? "SIGINT" : "SIGHUP";
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  return signals;
}

int open_signals() {
  const auto signals = stop_signals();
  return checked(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

void raise_event(int descriptor) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor, &one, sizeof one);
}

}  // namespace

void block_stop_signals(Hangup hangup) {
  auto signals = stop_signals();
  if (hangup == Hangup::ends) sigdelset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::StopSignals(Tell tell)
    : tell_(std::move(tell)),
      signals_(open_signals()),
      stopping_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")),
      ending_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")),
      listener_([this] { listen(); }) {}

StopSignals::~StopSignals() {
  raise_event(ending_);
  listener_.join();
  for (const int descriptor : {signals_, stopping_, ending_}) ::close(descriptor);
}

bool StopSignals::wait(std::optional<std::chrono::milliseconds> time_max) const {
  pollfd event{stopping_, POLLIN, 0};
  const int milliseconds = time_max ? static_cast<int>(time_max->count()) : -1;
  return ::poll(&event, 1, milliseconds) > 0;
}

std::string StopSignals::name() const {
  return name_of(number_);
}

void StopSignals::listen() {
  std::array<pollfd, 2> events{{{signals_, POLLIN, 0}, {ending_, POLLIN, 0}}};
  while (events[1].revents == 0) {
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    signalfd_siginfo signal{};
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) on_signal(signal);
  }
}

/// Whether a signal that stops came together with the first one, and asks for no more than that did.
bool StopSignals::is_same_request(const signalfd_siginfo& signal) const {
  const auto after = std::chrono::steady_clock::now() - asked_->at;
  return after < (asked_->from_terminal != from_terminal(signal) ? passed_on : sent_together);
}

void StopSignals::on_signal(const signalfd_siginfo& signal) {
  const auto number = static_cast<int>(signal.ssi_signo);
  if (number == SIGHUP) return tell_(Event::hangup, name_of(number));
  if (asked_ && is_same_request(signal)) return;
  if (asked_) {
    tell_(Event::again, name_of(number));
    std::_Exit(failure);
  }
  asked_ = {std::chrono::steady_clock::now(), from_terminal(signal)};
  number_ = number;
  tell_(Event::stop, name_of(number));
  raise_event(stopping_);
}

}  // namespace skep::cli
