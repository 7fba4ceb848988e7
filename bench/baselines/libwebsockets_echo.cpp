// Echoes WebSocket text messages with libwebsockets, as its documentation has servers do it: what is received is kept
// with room for a header before it, and written when the library says that the connection is writable. It looks at no
// JSON, which the project's gateway does.
//
// Tuned: one thread; no extensions, so nothing is compressed; reads of up to 64 KiB, as the others have. One callback
// writes all that the socket takes, where the library's examples write one message, and the kernel gathers it
// meanwhile.
//
// Usage: libwebsockets_echo [--port N]; runs until it is killed.

#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstddef>
#include <new>
#include <string>
#include <string_view>

#include "support/arguments.hpp"

namespace {

constexpr std::size_t read_bytes = 65536;

/// What a connection has to write: messages one behind the other, each with its size and LWS_PRE bytes before it.
class Output {
 public:
  /// Bytes of a message; one may come in pieces.
  void add(std::string_view piece, bool first, bool last) {
    if (first) {
      begin_ = bytes_.size();
      bytes_.append(sizeof(std::size_t) + LWS_PRE, '\0');
    }
    bytes_ += piece;
    if (!last) return;
    const std::size_t size = bytes_.size() - begin_ - sizeof(std::size_t) - LWS_PRE;
    bytes_.replace(begin_, sizeof size, reinterpret_cast<const char*>(&size), sizeof size);
    whole_ = bytes_.size();
  }

  /// Writes what the socket takes. False if the connection is lost.
  [[nodiscard]] bool write(lws* connection) {
    while (written_ < whole_) {
      if (lws_partial_buffered(connection)) return true;
      std::size_t size = 0;
      bytes_.copy(reinterpret_cast<char*>(&size), sizeof size, written_);
      auto* payload = reinterpret_cast<unsigned char*>(bytes_.data()) + written_ + sizeof size + LWS_PRE;
      if (lws_write(connection, payload, size, LWS_WRITE_TEXT) < static_cast<int>(size)) return false;
      written_ += sizeof size + LWS_PRE + size;
    }
    bytes_.erase(0, written_);
    begin_ -= written_;
    whole_ = written_ = 0;
    return true;
  }
  [[nodiscard]] bool waits() const { return written_ < whole_; }

 private:
  std::string bytes_;
  std::size_t begin_ = 0;    ///< of the last message
  std::size_t whole_ = 0;    ///< so far messages are whole
  std::size_t written_ = 0;  ///< and so far they are written
};

/// Until it is let go, the kernel gathers what is written: libwebsockets writes each message with a call of its own.
void cork(lws* connection, int on) {
  (void)::setsockopt(lws_get_socket_fd(connection), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

int serve(lws* connection, lws_callback_reasons reason, void* session, void* bytes, std::size_t size) {
  auto* output = static_cast<Output*>(session);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      new (output) Output;
      return 0;
    case LWS_CALLBACK_CLOSED:
      output->~Output();
      return 0;
    case LWS_CALLBACK_RECEIVE: {
      const bool last = lws_is_final_fragment(connection) && lws_remaining_packet_payload(connection) == 0;
      output->add({static_cast<const char*>(bytes), size}, lws_is_first_fragment(connection), last);
      if (last) lws_callback_on_writable(connection);
      return 0;
    }
    case LWS_CALLBACK_SERVER_WRITEABLE:
      cork(connection, 1);
      if (!output->write(connection)) return -1;
      cork(connection, 0);
      if (output->waits()) lws_callback_on_writable(connection);
      return 0;
    default:
      return lws_callback_http_dummy(connection, reason, session, bytes, size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  const lws_protocols protocols[] = {{"echo", serve, sizeof(Output), read_bytes, 0, nullptr, 0}, {}};
  lws_set_log_level(LLL_ERR, nullptr);
  lws_context_creation_info info{};
  info.port = static_cast<int>(arguments.number("--port", 7103));
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.pt_serv_buf_size = read_bytes;
  info.options = LWS_SERVER_OPTION_DISABLE_IPV6;
  auto* context = lws_create_context(&info);
  if (context == nullptr) bench::Arguments::fail("libwebsockets does not start");
  while (lws_service(context, 0) >= 0) continue;
  lws_context_destroy(context);
}
