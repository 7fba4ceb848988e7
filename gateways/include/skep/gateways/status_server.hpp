#pragma once
// A small HTTP server for what a process says of itself: GET and HEAD of a few pages, nothing else.
//
// It has a thread of its own: a large page takes milliseconds to write, which no gateway's clients should wait for, and
// it answers when an I/O thread does not. Each connection is one exchange and is closed after it; header, time and
// connections are limited (limits.hpp), bodies are refused. Not encrypted, no tokens.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "skep/actors/bee_actor.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class StatusServer {
 public:
  struct Page {
    std::string content_type;
    std::string text;
  };
  /// What stands at a path; nothing: 404. Called by the server's thread.
  using Pages = std::function<std::optional<Page>(std::string_view path)>;

  /// Errors: `errc::invalid_argument`, `errc::io`: "cannot listen on 127.0.0.1:9100: Address already in use".
  [[nodiscard]] static Result<std::unique_ptr<StatusServer>> start(std::string_view listen, Pages pages, LogSink log);
  /// Whether `listen` can be an address. Errors: `errc::invalid_argument`.
  [[nodiscard]] static Result<void> check(std::string_view listen);
  ~StatusServer();  ///< cuts off who is connected; joins
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  [[nodiscard]] const std::string& address() const noexcept;  ///< with the port the system gave

 private:
  class Server;
  explicit StatusServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace skep
