#include "log_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "skep/runtime/limits.hpp"

namespace skep::detail {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds between_lost_lines{1};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto bytes = ::write(descriptor, text.data(), text.size());
    if (bytes >= 0) {
      text.remove_prefix(static_cast<std::size_t>(bytes));
    } else if (errno == EAGAIN) {  // somebody else who has the same stream made it so
      pollfd event{descriptor, POLLOUT, 0};
      ::poll(&event, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// One of our own, which stays while the thread writes. A program may be started with the stream closed: then its lines
/// go nowhere.
int copy_of(int descriptor) {
  int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  if (copy < 0 && errno == EBADF) copy = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (copy < 0) throw std::system_error(errno, std::generic_category(), "the log's descriptor");
  return copy;
}

}  // namespace

struct LogWriter::Shared {
  using Lock = std::unique_lock<std::mutex>;

  Shared(int to, std::size_t max, LostLine line)
      : descriptor(copy_of(to)), lines_max(max), lost_line(std::move(line)) {}
  ~Shared() { ::close(descriptor); }

  void run();
  void write_next(Lock& lock);
  void say_lost(Lock& lock);
  [[nodiscard]] bool quiet() const { return lines.empty() && !writing; }

  const int descriptor;
  const std::size_t lines_max;
  const LostLine lost_line;
  std::mutex mutex;  // over all below
  std::condition_variable wake, idle;
  std::deque<std::string> lines;
  std::uint64_t lost = 0, said = 0;
  Clock::time_point said_at{};
  bool writing = false, ending = false, ended = false;
};

void LogWriter::Shared::run() {
  pthread_setname_np(pthread_self(), "skep-log");
  Lock lock(mutex);
  for (;;) {
    wake.wait(lock, [this] { return ending || !lines.empty(); });
    if (lines.empty()) break;
    write_next(lock);
  }
  if (lost > said) say_lost(lock);
  ended = true;
  idle.notify_all();
}

void LogWriter::Shared::write_next(Lock& lock) {
  const auto line = std::move(lines.front());
  lines.pop_front();
  writing = true;
  lock.unlock();
  const bool written = write_all(descriptor, line);
  lock.lock();
  if (!written) ++lost;
  const bool may_say = lines.empty() || Clock::now() - said_at >= between_lost_lines;
  if (written && lost > said && may_say) say_lost(lock);
  writing = false;
  if (lines.empty()) idle.notify_all();
}

void LogWriter::Shared::say_lost(Lock& lock) {
  const auto count = lost;
  const auto line = lost_line(count - said);
  lock.unlock();
  const bool written = write_all(descriptor, line);
  lock.lock();
  if (!written) return;
  said = count;
  said_at = Clock::now();
}

LogWriter::LogWriter(int descriptor, std::size_t lines_max, LostLine lost_line)
    : shared_(std::make_shared<Shared>(descriptor, lines_max, std::move(lost_line))),
      thread_([shared = shared_] { shared->run(); }) {}

LogWriter::~LogWriter() {
  Shared::Lock lock(shared_->mutex);
  shared_->ending = true;
  shared_->wake.notify_one();
  const bool ended = shared_->idle.wait_for(lock, limits::log_flush_time_max, [this] { return shared_->ended; });
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void LogWriter::push(std::string line) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->lines.size() >= shared_->lines_max) {
    shared_->lines.pop_front();
    ++shared_->lost;
  }
  shared_->lines.push_back(std::move(line));
  shared_->wake.notify_one();
}

void LogWriter::last(std::string line, std::chrono::milliseconds time_max) {
  Shared::Lock lock(shared_->mutex);
  const auto quiet = [this] { return shared_->quiet(); };
  if (!shared_->idle.wait_for(lock, time_max / 2, quiet)) {
    shared_->lost += shared_->lines.size();
    shared_->lines.clear();
  }
  shared_->lines.push_back(std::move(line));
  shared_->wake.notify_one();
  shared_->idle.wait_for(lock, time_max / 2, quiet);
}

std::uint64_t LogWriter::lost() const {
  const std::scoped_lock lock(shared_->mutex);
  return shared_->lost;
}

}  // namespace skep::detail
