#include "net/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

namespace skep {
namespace {

Error failure(const std::string& what) {
  return {errc::io, what + ": " + std::generic_category().message(errno)};
}

}  // namespace

/// Terminals and sockets may well be both input and output.
bool Descriptor::is_same_file(const Descriptor& other) const noexcept {
  struct stat mine {
  }, its{};
  if (!other.is_open() || fstat(fd_, &mine) != 0 || fstat(other.fd_, &its) != 0) return false;
  return mine.st_dev == its.st_dev && mine.st_ino == its.st_ino && (S_ISREG(mine.st_mode) || S_ISFIFO(mine.st_mode));
}

Result<void> Descriptor::open(const std::string& path, Use use, const Descriptor* input) {
  use_ = use;
  owned_ = path != "-";
  if (!owned_) {
    fd_ = use == Use::read ? STDIN_FILENO : STDOUT_FILENO;
  } else {
    const int flags = use == Use::read ? O_RDONLY : O_WRONLY | O_CREAT;
    // A named pipe that nobody has open at its other end would hold up the whole thread.
    fd_ = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (fd_ < 0) {
      const auto what = std::string("cannot open '") + path + "' to " + (use == Use::read ? "read" : "write");
      return errno == ENXIO ? Error{errc::io, what + ": nobody reads this pipe"} : failure(what);
    }
  }
  if (input != nullptr && is_same_file(*input)) {
    close();
    return Error{errc::invalid_argument, "'" + path + "' is the file that is read: it cannot be written too"};
  }
  if (owned_ && !lock()) {
    close();
    return Error{errc::invalid_argument, "'" + path + "' is " + (use == Use::read ? "written" : "read or written") +
                                             " by another gateway, here or in another process"};
  }
  stale_ = owned_ && use == Use::write;
  return watch();
}

/// Until it is closed. Where the file system has no locks nobody is kept out.
bool Descriptor::lock() noexcept {
  struct stat mine {};
  if (fstat(fd_, &mine) != 0 || !S_ISREG(mine.st_mode)) return true;
  return flock(fd_, (use_ == Use::read ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

Result<void> Descriptor::empty() {
  // Of what is no regular file nothing can be cut off.
  if (std::exchange(stale_, false) && ftruncate(fd_, 0) != 0 && errno != EINVAL) return failure("cannot empty it");
  return {};
}

Result<void> Descriptor::watch() {
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) return failure("cannot wait for a file");
  epoll_event event{};
  event.events = use_ == Use::read ? EPOLLIN : EPOLLOUT;
  can_wait_ = epoll_ctl(poller, EPOLL_CTL_ADD, fd_, &event) == 0;
  if (!can_wait_ && errno != EPERM) {
    const auto error = failure("cannot wait for a file");
    ::close(poller);
    return error;
  }
  if (can_wait_) {
    ready_.assign(poller);
  } else {
    ::close(poller);
  }
  return {};
}

void Descriptor::close() noexcept {
  boost::system::error_code ignored;
  ready_.close(ignored);
  if (owned_ && fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Descriptor::would_wait() const noexcept {
  if (!can_wait_) return false;
  pollfd poll_for{fd_, static_cast<short>(use_ == Use::read ? POLLIN : POLLOUT), 0};
  return poll(&poll_for, 1, 0) == 0;
}

Result<std::optional<std::size_t>> Descriptor::read(std::span<char> room) {
  if (would_wait()) return std::optional<std::size_t>();
  const auto bytes = ::read(fd_, room.data(), room.size());
  if (bytes >= 0) return std::optional(static_cast<std::size_t>(bytes));
  if (errno == EINTR || errno == EAGAIN) return std::optional<std::size_t>();
  return failure("cannot read");
}

Result<std::optional<std::size_t>> Descriptor::write(std::string_view bytes) {
  if (would_wait()) return std::optional<std::size_t>();
  if (auto emptied = empty(); !emptied) return emptied.error();
  // A pipe that is ready takes this much without making the writer wait.
  const auto count = can_wait_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
  const auto written = ::write(fd_, bytes.data(), count);
  if (written >= 0) return std::optional(static_cast<std::size_t>(written));
  if (errno == EINTR || errno == EAGAIN) return std::optional<std::size_t>();
  return failure("cannot write");
}

void Descriptor::async_wait(std::function<void()> ready) {
  if (!can_wait_) return boost::asio::post(ready_.get_executor(), std::move(ready));
  ready_.async_wait(Waiter::wait_read, [ready = std::move(ready)](boost::system::error_code failed) {
    if (!failed) ready();
  });
}

}  // namespace skep
