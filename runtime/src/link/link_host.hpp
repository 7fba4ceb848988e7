#pragma once
// All links of a node, on a thread of their own: where bees are busy, heartbeats go on.
//
// Listens on the node port, hands each connection that shows a certificate of the cluster to the link it belongs to,
// and tells the log who is refused, and why. Lifetime: outlives the actors that hold proxies of it, or is stopped
// before them; the user outlives it. Threads: its own; calls from outside are for the thread that made it, unless they
// say so.

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "link/link.hpp"
#include "net/tls_listener.hpp"
#include "paced_lines.hpp"

namespace skep {

class LinkHost {
 public:
  struct Settings {
    LinkHello hello;              ///< this node's; stream and attempt say nothing
    std::vector<LinkPeer> peers;  ///< all other nodes
    HostPort listen;
    TlsContextPtr tls;
    LogSink log;
    LinkSettings settings{};
  };

  LinkHost(caf::actor_system& system, Settings settings, LinkUser& user);
  ~LinkHost() { stop(); }
  LinkHost(const LinkHost&) = delete;
  LinkHost& operator=(const LinkHost&) = delete;

  /// Listens, and dials. Errors: `errc::io`, as Acceptor.
  [[nodiscard]] Result<void> start();
  /// Where it listens, with the port the system gave.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// Ends all links in good order: for limits::close_time_max at the most, what waits goes out. The user hears nothing
  /// of that, nor from then on.
  void stop();

  /// For connections to come; those with certificates that it denies end. Any thread.
  void use(TlsContextPtr tls);
  /// Runs `call` in the links' thread, if that still runs. Any thread.
  void post(std::function<void()> call);
  /// Calls in the links' thread; before `start`, or in it. To be cancelled before whom it calls goes.
  [[nodiscard]] WakeupPtr make_wakeup(std::function<void()> call);
  /// Puts what is known of links and connections into `to`. Any thread.
  void read(ClusterMetrics& to) const;
  /// In the links' thread.
  [[nodiscard]] Link* link(NodeNumber node) noexcept;
  [[nodiscard]] const std::vector<std::unique_ptr<Link>>& links() const noexcept { return links_; }

 private:
  void accept(TlsSocketPtr socket);
  void refused(const std::string& address, const std::string& why);
  void report_strangers();
  void replace(TlsContextPtr tls);
  void run();

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::array<std::byte, 64u << 10> scratch_;
  LinkContext context_;
  HostPort listen_;
  TlsListener listener_;
  std::vector<std::unique_ptr<Link>> links_;
  Count strangers_, not_configured_;  ///< connections refused
  PacedLines stranger_lines_;
  WakeupPtr stranger_wakeup_;
  std::string reported_not_configured_;  ///< the last such node, which dials again and again
  std::vector<WakeupPtr> wakeups_;       ///< of others
  bool stopped_ = false;                 ///< in the links' thread
  std::string address_;
  std::thread thread_;
};

}  // namespace skep
