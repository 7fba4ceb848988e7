#include "net/acceptor.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iterator>

namespace skep {
namespace {

constexpr auto retry_delay = std::chrono::milliseconds(100);
constexpr auto pause_report_interval = std::chrono::seconds(10);  ///< clients can bring a pause about
constexpr double descriptor_reserve = 0.9;  ///< share of RLIMIT_NOFILE after which no connection is accepted

/// Descriptors are given lowest first, so the next one's number is about how many there are.
bool descriptors_scarce(int next) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  return next >= static_cast<double>(limit.rlim_cur) * descriptor_reserve;
}

/// Their number, where few enough are allowed that counting costs nothing; else that of the next one, which is low
/// where one of the first was closed.
bool descriptors_scarce_now(int any_open) {
  constexpr rlim_t counted_max = 16384;
  const int probe = fcntl(any_open, F_DUPFD_CLOEXEC, 0);
  if (probe < 0) return true;
  ::close(probe);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > counted_max) return descriptors_scarce(probe);
  std::error_code failed;
  const auto open = std::distance(std::filesystem::directory_iterator("/proc/self/fd", failed), {});
  return failed ? descriptors_scarce(probe) : descriptors_scarce(static_cast<int>(open));
}

bool is_shortage(boost::system::error_code failed) {
  using namespace boost::system::errc;
  return failed == too_many_files_open || failed == too_many_files_open_in_system || failed == no_buffer_space ||
         failed == not_enough_memory;
}

}  // namespace

Acceptor::Acceptor(boost::asio::io_context& context, Handlers handlers)
    : context_(context),
      socket_(context),
      retry_(new LoopWakeup(context, [this] { resume(); })),
      handlers_(std::move(handlers)) {}

Result<void> Acceptor::open(const HostPort& address) {
  const auto host = address.host == "localhost" ? std::string("127.0.0.1") : address.host;
  boost::system::error_code failed;
  const auto ip = boost::asio::ip::make_address(host, failed);
  if (!failed) failed = bind({ip, address.port});
  if (failed) return Error{errc::io, "cannot listen on " + to_string(address) + ": " + failed.message()};
  address_ = to_string(socket_.local_endpoint());
  open_ = true;
  accept();
  return {};
}

boost::system::error_code Acceptor::bind(const Tcp::endpoint& endpoint) {
  boost::system::error_code failed;
  if (socket_.open(endpoint.protocol(), failed)) return failed;
  if (socket_.set_option(ListenSocket::reuse_address(true), failed)) return failed;
  if (socket_.bind(endpoint, failed)) return failed;
  socket_.listen(ListenSocket::max_listen_connections, failed);
  return failed;
}

std::string Acceptor::address() const {
  return address_;
}

void Acceptor::close() noexcept {
  open_ = false;
  retry_->cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Acceptor::accept() {
  socket_.async_accept(context_, [self = AcceptorPtr(this)](boost::system::error_code failed, Socket socket) {
    if (self->open_) self->on_accept(failed, std::move(socket));
  });
}

void Acceptor::on_accept(boost::system::error_code failed, Socket socket) {
  if (is_shortage(failed)) return pause(failed.message());
  if (failed) return accept();  // the client has gone again, or its network failed
  prepare(socket);
  const bool scarce = descriptors_scarce(socket.native_handle());
  handlers_.accepted(std::move(socket));
  if (!open_) return;
  if (scarce) return pause("90 % of the descriptors (RLIMIT_NOFILE) are in use");
  accept();
}

void Acceptor::pause(const std::string& why) {
  if (handlers_.scarce) handlers_.scarce();
  const auto now = std::chrono::steady_clock::now();
  if (!paused_said_ || now - *paused_said_ >= pause_report_interval) {
    paused_said_ = now;
    handlers_.paused(why);
  }
  retry_->by(now + retry_delay);
}

void Acceptor::resume() {
  if (!open_) return;
  if (descriptors_scarce_now(socket_.native_handle())) {
    return retry_->by(std::chrono::steady_clock::now() + retry_delay);
  }
  accept();
}

}  // namespace skep
