#pragma once
// A file, pipe or terminal on the loop, without changing how others see it.
//
// Asio would set O_NONBLOCK on the open file, which a shell's other programs share. Here an epoll of its own holds the
// descriptor, and Asio waits for that one. Regular files cannot be waited for: they are always ready. A path is opened
// without waiting for anybody: a named pipe to read may get its writer later, one to write needs its reader first.
// Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "skep/serialization/result.hpp"

namespace skep {

class Descriptor {
 public:
  enum class Use : std::uint8_t { read, write };

  explicit Descriptor(boost::asio::io_context& context) : ready_(context) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  /// `path` "-" is standard input or output. A file to write is created, and emptied by the first `write`. It must not
  /// be the one that `input` reads: by its name, a link or as standard input, that would destroy what is to be read.
  /// Nor may anybody else have it open here or in another process of Skep (flock): one that is written has one user.
  /// Errors: `errc::io` with the system's words; `errc::invalid_argument` for such a file.
  [[nodiscard]] Result<void> open(const std::string& path, Use use, const Descriptor* input = nullptr);
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

  /// Bytes read or written; 0 from `read` is the end; nothing if it would have to wait.
  /// Errors: `errc::io`.
  [[nodiscard]] Result<std::optional<std::size_t>> read(std::span<char> room);
  [[nodiscard]] Result<std::optional<std::size_t>> write(std::string_view bytes);
  /// A file to write, if nothing was written.
  [[nodiscard]] Result<void> empty();
  /// Calls `ready` when it is worth trying again: at once for what cannot wait. Not called once it is closed or its
  /// loop ends; then `ready` is destroyed.
  void async_wait(std::function<void()> ready);

 private:
  using Waiter = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  [[nodiscard]] Result<void> watch();
  [[nodiscard]] bool lock() noexcept;
  [[nodiscard]] bool is_same_file(const Descriptor& other) const noexcept;
  [[nodiscard]] bool would_wait() const noexcept;

  int fd_ = -1;
  bool owned_ = false;     ///< else standard input or output, which stay open
  bool can_wait_ = false;  ///< a pipe, terminal or socket
  bool stale_ = false;     ///< a file to write that holds what was in it before
  Use use_ = Use::read;
  Waiter ready_;  ///< the epoll that holds `fd_`
};

}  // namespace skep
