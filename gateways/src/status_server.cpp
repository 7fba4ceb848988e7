#include "skep/gateways/status_server.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <csignal>
#include <deque>
#include <thread>

#include "beast_text.hpp"
#include "net/acceptor.hpp"
#include "net/wakeup.hpp"
#include "request_address.hpp"
#include "skep/gateways/limits.hpp"
#include "status_request.hpp"

namespace skep {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Failed = boost::system::error_code;

StatusRequest status_request(const http::request<http::empty_body>& request) {
  return {view(request.method_string()), view(request.target()), view(request[http::field::host]),
          request.count(http::field::host) > 1,
          request.count(http::field::content_length) + request.count(http::field::transfer_encoding) > 0};
}

std::string head_of(unsigned status, std::string_view content_type, std::size_t bytes) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head += view(http::obsolete_reason(http::int_to_status(status)));
  head.append("\r\nContent-Type: ").append(content_type);
  head += "\r\nContent-Length: " + std::to_string(bytes) + "\r\nCache-Control: no-store\r\nConnection: close\r\n";
  if (status == 405) head += "Allow: GET, HEAD\r\n";
  return head + "\r\n";
}

}  // namespace

/// Lives and dies on its own thread, but for construction and the join.
class StatusServer::Server {
 public:
  class Session;
  using SessionPtr = boost::intrusive_ptr<Session>;

  Server(Pages pages, LogSink log) : pages_(std::move(pages)), log_(std::move(log)) {}
  ~Server();

  [[nodiscard]] Result<void> open(const HostPort& listen);
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  [[nodiscard]] asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] const Pages& pages() const noexcept { return pages_; }
  [[nodiscard]] bool loopback() const noexcept { return loopback_; }
  void accepted(Socket socket);
  void ended(const Session& session);

 private:
  void run();

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  Pages pages_;
  LogSink log_;
  AcceptorPtr acceptor_;
  std::deque<SessionPtr> sessions_;  ///< oldest first
  std::string address_;
  bool loopback_ = true;
  std::thread thread_;
};

/// reading -> writing -> closing, or closed from any of them, each within its time.
class StatusServer::Server::Session
    : public boost::intrusive_ref_counter<StatusServer::Server::Session, boost::thread_unsafe_counter> {
 public:
  Session(Server& server, Socket socket)
      : server_(server), socket_(std::move(socket)), timer_(new LoopWakeup(server.context(), [this] { close(); })) {}
  ~Session() { timer_->cancel(); }

  void start();
  void close();

 private:
  void on_header(Failed failed);
  void answer();
  void respond(unsigned status, std::string_view content_type, std::string text);
  void refuse(const StatusRefusal& refusal) { respond(refusal.status, "text/plain", refusal.text); }
  void drain_input();
  void within(std::chrono::steady_clock::duration time) {
    timer_->disarm();
    timer_->by(std::chrono::steady_clock::now() + time);
  }

  Server& server_;
  Socket socket_;
  WakeupPtr timer_;
  boost::beast::flat_buffer in_{limits::status_header_bytes_max};
  http::request_parser<http::empty_body> parser_;
  std::string out_;
  std::array<char, 4096> unread_;  ///< what comes after the header, which nobody reads
  bool head_only_ = false;
  bool open_ = true;
};

void StatusServer::Server::Session::start() {
  within(limits::status_header_time_max);
  parser_.header_limit(static_cast<std::uint32_t>(limits::status_header_bytes_max));
  http::async_read_header(socket_, in_, parser_, [self = SessionPtr(this)](Failed failed, std::size_t) {
    if (self->open_) self->on_header(failed);
  });
}

void StatusServer::Server::Session::on_header(Failed failed) {
  if (!failed) return answer();
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow) {
    return refuse({431, "the header exceeds status_header_bytes_max = " +
                            std::to_string(limits::status_header_bytes_max) + "\n"});
  }
  const bool gone = failed.category() == boost::system::system_category() || failed == http::error::end_of_stream ||
                    failed == http::error::partial_message;
  if (gone) return close();
  refuse({400, "not HTTP: " + failed.message() + "\n"});
}

void StatusServer::Server::Session::answer() {
  const auto request = status_request(parser_.get());
  head_only_ = request.method == "HEAD";
  if (const auto refusal = check_status_request(request, server_.loopback())) return refuse(*refusal);
  auto page = server_.pages()(request_address(request.target, request.host).path);
  if (!page) return refuse({404, "nothing here\n"});
  respond(200, page->content_type, std::move(page->text));
}

void StatusServer::Server::Session::respond(unsigned status, std::string_view content_type, std::string text) {
  within(limits::status_write_time_max);
  out_ = head_of(status, content_type, text.size());
  if (!head_only_) out_ += text;
  asio::async_write(socket_, asio::buffer(out_), [self = SessionPtr(this)](Failed failed, std::size_t) {
    if (!self->open_) return;
    if (failed) return self->close();
    Failed ignored;
    self->socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    self->within(limits::close_time_max);
    self->drain_input();
  });
}

/// Closing with bytes unread would reset the connection, and the client might lose its answer.
void StatusServer::Server::Session::drain_input() {
  socket_.async_read_some(asio::buffer(unread_), [self = SessionPtr(this)](Failed failed, std::size_t) {
    if (!self->open_) return;
    if (failed) return self->close();
    self->drain_input();
  });
}

void StatusServer::Server::Session::close() {
  if (!open_) return;
  open_ = false;
  timer_->cancel();
  Failed ignored;
  socket_.close(ignored);
  server_.ended(*this);
}

Result<void> StatusServer::Server::open(const HostPort& listen) {
  loopback_ = listen.is_loopback();
  acceptor_.reset(new Acceptor(context_, {[this](Socket socket) { accepted(std::move(socket)); },
                                          [this](const std::string& why) {
                                            if (log_) log_(LogLevel::warning, "status", "accepts nobody now: " + why);
                                          }}));
  if (auto opened = acceptor_->open(listen); !opened) return opened;
  address_ = acceptor_->address();
  thread_ = std::thread([this] { run(); });
  return {};
}

void StatusServer::Server::run() {
  sigset_t all;
  sigfillset(&all);  // signals are for main; a peer that is gone is an error of the write
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "skep-status");
  context_.run();
}

/// Who has been here longest makes room: silent clients keep nobody out.
void StatusServer::Server::accepted(Socket socket) {
  if (sessions_.size() >= limits::status_connections_max) {
    const SessionPtr oldest = sessions_.front();
    oldest->close();
  }
  sessions_.emplace_back(new Session(*this, std::move(socket)));
  const SessionPtr session = sessions_.back();
  session->start();
}

void StatusServer::Server::ended(const Session& session) {
  std::erase_if(sessions_, [&](const SessionPtr& each) { return each.get() == &session; });
}

StatusServer::Server::~Server() {
  if (thread_.joinable()) {
    asio::post(context_, [this] {
      acceptor_->close();
      for (const auto& session : std::deque<SessionPtr>(sessions_)) session->close();
      work_.reset();
    });
    thread_.join();
  } else if (acceptor_) {
    acceptor_->close();
  }
}

StatusServer::StatusServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
StatusServer::~StatusServer() = default;

Result<std::unique_ptr<StatusServer>> StatusServer::start(std::string_view listen, Pages pages, LogSink log) {
  const auto address = parse_host_port(listen);
  if (!address) return address.error();
  auto server = std::make_unique<Server>(std::move(pages), std::move(log));
  if (const auto opened = server->open(*address); !opened) return opened.error();
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(server)));
}

Result<void> StatusServer::check(std::string_view listen) {
  const auto address = parse_host_port(listen);
  if (!address) return address.error();
  return {};
}

const std::string& StatusServer::address() const noexcept {
  return server_->address();
}

}  // namespace skep
