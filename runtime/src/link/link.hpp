#pragma once
// The link between this node and one other: makes its two connections, again and again, and carries what proxies hand
// on.
//
// `LinkState` decides; this does it. Each time that the link is up there are new proxies, and all of them end with it.
// Lifetime: `stop` before it goes. Threads: the links', but for proxies.

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "link/link_codec.hpp"
#include "link/link_connection.hpp"
#include "link/link_meter.hpp"
#include "link/link_outlet.hpp"
#include "link/link_state.hpp"
#include "link/remote_actors.hpp"
#include "net/connector.hpp"
#include "placement/placement.hpp"
#include "skep/actors/log_sink.hpp"

namespace skep {

/// What links tell the cluster, and ask it. Called in the links' thread.
class LinkUser {
 public:
  /// `actors` are there until `link_down`.
  virtual void link_up(NodeNumber node, RemoteActors& actors) = 0;
  virtual void link_down(NodeNumber node, const std::string& why) = 0;
  virtual void heard(NodeNumber node, LinkHeartbeat heartbeat) = 0;
  virtual void heard(NodeNumber node, PlacementNotice notice) = 0;
  virtual void heard(NodeNumber node, PresenceNotice notice) = 0;
  /// For the next heartbeat.
  [[nodiscard]] virtual LinkHeartbeat heartbeat() = 0;
  /// The bee or gateway of this node; null: it is not here.
  [[nodiscard]] virtual caf::actor local(const BeeAddress& address) = 0;
  /// The same, for records of this sender; null: also where it takes no more, or nothing from there.
  [[nodiscard]] virtual caf::actor taker(const BeeAddress& address, SenderKey) { return local(address); }

 protected:
  ~LinkUser() = default;
};

/// What all links of a node share; outlives them.
struct LinkContext {
  caf::actor_system& system;
  boost::asio::io_context& io;
  std::span<std::byte> scratch;
  LinkUser& user;
  LogSink log;
  LinkSettings settings;
  LinkHello hello;    ///< this node's; stream and attempt are filled in
  TlsContextPtr tls;  ///< for connections to come
};

/// The other node.
struct LinkPeer {
  NodeNumber number = 0;
  std::string name;
  HostPort address;
};

class Link final : private LinkConnectionOwner {
 public:
  Link(LinkContext& context, LinkPeer peer);
  ~Link() { stop(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Dials, if this node has the lower number.
  void start();
  /// A connection that the peer has made.
  void accept(TlsSocketPtr socket);
  /// Ends what is there now, for this reason; it is made anew later.
  void end(const std::string& why);
  /// The same, where the other node's certificate is denied now.
  void end_denied();
  /// Ends in good order, for ever.
  void stop() noexcept;

  /// On control; dropped while the link is not up.
  template <class Message>
  void send(const Message& message) {
    if (up()) control_->send(encode(message));
  }

  [[nodiscard]] bool up() const noexcept { return state_.phase() == LinkState::Phase::up; }
  [[nodiscard]] const LinkPeer& peer() const noexcept { return peer_; }
  [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }  ///< the peer's, while it is up
  /// Any thread.
  [[nodiscard]] LinkMetrics metrics() const { return meter_.read(peer_.name, std::chrono::steady_clock::now()); }

 private:
  struct Newcomer {
    LinkConnectionPtr connection;
    Time until;  ///< to say hello
  };

  /// On its way to a bee or gateway here.
  struct Arrival {
    caf::actor to;
    caf::strong_actor_ptr sender;
    std::variant<RecordBatch, ReplyBatch, BatchAck> message;
  };

  [[nodiscard]] bool dials() const noexcept { return context_.hello.number < peer_.number; }
  void dial(Socket socket);
  void look();
  void arm();
  void end_newcomers(Time now);

  void opened(LinkConnection& connection) override;
  void came(LinkConnection& connection, LinkMessage message, Time now) override;
  void turn_ends() override { deliver_arrived(); }
  void ended(LinkConnection& connection, const std::string& why) override;

  void on_hello(LinkConnection& connection, const LinkHello& hello, Time now);
  void join(LinkConnectionPtr connection, const LinkHello& hello, Time now);
  [[nodiscard]] LinkHello own_hello(LinkStream stream, std::uint64_t attempt) const;
  [[nodiscard]] std::string problem(const LinkConnection& connection, const LinkHello& hello) const;
  void report_refusal(const std::string& address, const std::string& what);
  void turn_away(LinkConnectionPtr connection, const std::string& why);
  [[nodiscard]] LinkConnectionPtr take_newcomer(LinkConnection& connection);

  void come_up();
  void go_down(const std::string& why);
  void drop(bool was_up, const std::string& why);
  void heard(LinkMessage& message);
  void take(RemoteBatch&& remote);
  void take(const RemoteAck& remote);
  void arrive(Arrival arrival);
  void deliver_arrived();
  void send_records();
  void queue_records();
  void close_outlet();
  [[nodiscard]] std::string stuck(Time now) const;
  void report(const std::string& why);
  void show_refusals();

  LinkContext& context_;
  LinkPeer peer_;
  LinkMeter meter_;
  LinkState state_;
  WakeupPtr wakeup_;
  ConnectorPtr connector_;  ///< where this node dials
  LinkConnectionPtr control_, data_;
  std::vector<Newcomer> newcomers_;        ///< have not said hello; the oldest first
  caf::intrusive_ptr<LinkOutlet> outlet_;  ///< while it is up
  std::optional<RemoteActors> actors_;     ///< the same
  std::vector<Arrival> arrived_;           ///< in this turn of the thread
  std::uint64_t incarnation_ = 0;          ///< the peer's
  std::string reported_;                   ///< the last reason for being down, so that each is logged once
  std::string reported_refusal_;           ///< the same, of connections that the other node makes
  std::uint64_t refusals_ = 0;             ///< of outlets before
};

}  // namespace skep
