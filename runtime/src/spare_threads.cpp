#include "spare_threads.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <system_error>
#include <thread>
#include <vector>

namespace skep::detail {
namespace {

/// A thread that was joined counts until the kernel has released it, which is a little later.
void wait_until_released(long thread) {
  const auto entry = "/proc/self/task/" + std::to_string(thread);
  constexpr std::chrono::milliseconds time_max{100};
  const auto until = std::chrono::steady_clock::now() + time_max;
  while (::access(entry.c_str(), F_OK) == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

}  // namespace

std::optional<std::string> lack_of_threads(std::size_t count) {
  std::vector<std::thread> threads;
  std::vector<long> numbers(count);
  threads.reserve(count);
  std::promise<void> all_there;
  std::optional<std::string> lack;
  const std::shared_future<void> wait(all_there.get_future());
  try {
    while (threads.size() < count) {
      threads.emplace_back([wait, &number = numbers[threads.size()]] {
        number = ::syscall(SYS_gettid);
        wait.wait();
      });
    }
  } catch (const std::system_error& error) {
    lack = error.code().message() + " (the limit of threads of this user, container or machine)";
  }
  all_there.set_value();
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < threads.size(); ++i) wait_until_released(numbers[i]);
  return lack;
}

}  // namespace skep::detail
