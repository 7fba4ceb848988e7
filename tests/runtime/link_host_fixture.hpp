#pragma once
// Two nodes on loopback with a link between them, and what they see of it.

#include <gtest/gtest.h>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "link/link_codec.hpp"
#include "link/link_host.hpp"
#include "support/tls_loop.hpp"

namespace skep {

/// What is seen by several threads, and waited for.
class Seen {
 public:
  template <class Change>
  void change(Change change) {
    {
      const std::scoped_lock lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  template <class Holds>
  [[nodiscard]] bool wait(Holds holds, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, holds);
  }
  template <class Read>
  auto read(Read read) {
    const std::scoped_lock lock(mutex_);
    return read();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// A node with one bee, part 0, that keeps what it gets and acknowledges batches.
class TestNode final : public LinkUser {
  class TestBee final : public caf::event_based_actor {
   public:
    TestBee(caf::actor_config& config, TestNode& node) : caf::event_based_actor(config), node_(node) {}

   protected:
    caf::behavior make_behavior() override {
      return {[this](RecordBatch& batch) { take(std::move(batch)); },
              [this](ReplyBatch& batch) { node_.seen.change([&] { node_.replies.push_back(std::move(batch)); }); },
              [this](const BatchAck& ack) {
                node_.seen.change([&] {
                  node_.acks.push_back(ack);
                  node_.batches_at_ack.push_back(node_.batches.size());
                });
              }};
    }

   private:
    void take(RecordBatch&& batch) {
      BatchAck ack{batch.edge, batch.receiver, {}, 7};
      ack.ack.sender = batch.packet.sender;
      ack.ack.receiver = batch.packet.receiver;
      if (batch.sender != SenderKey{}) send(caf::actor_cast<caf::actor>(current_sender()), ack);
      node_.seen.change([&] { node_.batches.push_back(std::move(batch)); });
    }

    TestNode& node_;
  };

 public:
  TestNode(NodeNumber number, std::string name, TlsContextPtr tls) : name_(std::move(name)), tls_(std::move(tls)) {
    hello.number = number;
    hello.node = name_;
    hello.cluster = "demo";
    hello.incarnation = 100 + number;
    hello.swarms = {{"digits", {}}};
    settings.delay_min = std::chrono::milliseconds(1);
    settings.delay_max = std::chrono::milliseconds(20);
    config_.set("scheduler.max-threads", 2);
    system_.emplace(config_);
    bee_ = system_->spawn<TestBee>(*this);
  }
  ~TestNode() {
    stop();
    caf::anon_send_exit(bee_, caf::exit_reason::user_shutdown);
    bee_ = nullptr;
    others.clear();
  }

  /// `port` 0: the system gives one.
  void start(std::vector<LinkPeer> peers, std::uint16_t port = 0) {
    const auto log = [this](LogLevel, std::string_view, std::string_view text) {
      seen.change([&] { lines.emplace_back(text); });
    };
    host.emplace(*system_, LinkHost::Settings{hello, std::move(peers), {"127.0.0.1", port}, tls_, log, settings},
                 *this);
    const auto started = host->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  void stop() {
    if (host) host->stop();
  }
  /// As another process at the same place.
  void start_anew(std::vector<LinkPeer> peers, std::uint16_t port) {
    stop();
    host.reset();
    seen.change([&] { others.clear(); });
    ++hello.incarnation;
    start(std::move(peers), port);
  }
  [[nodiscard]] HostPort address() const {
    const auto& text = host->address();
    return {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)))};
  }
  [[nodiscard]] LinkPeer as_peer() const { return {hello.number, name_, host ? address() : HostPort{"127.0.0.1", 1}}; }
  [[nodiscard]] BeeAddress bee() const { return {.swarm = 0, .part = 0, .replica = 0, .epoch = {1, hello.number}}; }
  /// The other node's bee, while the link is up.
  [[nodiscard]] caf::actor proxy(NodeNumber node) {
    return seen.read([&] { return others[node]; });
  }
  [[nodiscard]] bool wait_up(NodeNumber node) {
    return seen.wait([&] { return others.contains(node); });
  }
  [[nodiscard]] bool wait_line(const std::string& part) {
    return seen.wait([&] {
      return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
    });
  }
  [[nodiscard]] std::ptrdiff_t count_lines(const std::string& part) {
    return seen.read([&] {
      return std::ranges::count_if(lines,
                                   [&](const std::string& line) { return line.find(part) != std::string::npos; });
    });
  }
  [[nodiscard]] std::string all_lines() {
    return seen.read([&] {
      std::string all;
      for (const auto& line : lines) all += line + '\n';
      return all;
    });
  }
  [[nodiscard]] ClusterMetrics metrics() const {
    ClusterMetrics metrics;
    host->read(metrics);
    return metrics;
  }
  /// Of its first link, between two turns of the links' thread: nothing is half done.
  [[nodiscard]] LinkMetrics settled() {
    std::promise<LinkMetrics> read;
    host->post([&] { read.set_value(metrics().links.at(0)); });
    return read.get_future().get();
  }
  caf::actor_system& system() { return *system_; }
  const caf::actor& own_bee() const { return bee_; }

  void link_up(NodeNumber node, RemoteActors& actors) override {
    auto other = actors.get({.swarm = 0, .part = 0, .replica = 0, .epoch = {1, node}});
    seen.change([&] {
      others[node] = std::move(other);
      proxies[node] = &actors;
      ++ups;
    });
    host->link(node)->send(PresenceNotice{0, {{0, 0, bee().epoch, PresenceState::up}}});
  }
  void link_down(NodeNumber node, const std::string& why) override {
    seen.change([&] {
      others.erase(node);
      downs.push_back(why);
    });
  }
  void heard(NodeNumber node, LinkHeartbeat heartbeat) override {
    seen.change([&] { heartbeats[node] = std::move(heartbeat); });
  }
  void heard(NodeNumber, PlacementNotice notice) override {
    seen.change([&] { placements.push_back(std::move(notice)); });
  }
  void heard(NodeNumber node, PresenceNotice notice) override {
    seen.change([&] { presences[node] = std::move(notice); });
  }
  LinkHeartbeat heartbeat() override { return {Views{NodeSet(hello.number)}}; }
  caf::actor local(const BeeAddress& address) override { return address == bee() ? bee_ : nullptr; }

  Seen seen;
  LinkHello hello;
  LinkSettings settings;
  std::optional<LinkHost> host;
  std::vector<RecordBatch> batches;
  std::vector<ReplyBatch> replies;
  std::vector<BatchAck> acks;
  std::vector<std::size_t> batches_at_ack;  ///< how many had come when each of them did
  std::vector<std::string> lines, downs;
  std::map<NodeNumber, caf::actor> others;
  std::map<NodeNumber, RemoteActors*> proxies;  ///< the same; of a link that is down what was there before
  std::map<NodeNumber, LinkHeartbeat> heartbeats;
  std::map<NodeNumber, PresenceNotice> presences;
  std::vector<PlacementNotice> placements;
  int ups = 0;

 private:
  std::string name_;
  TlsContextPtr tls_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  caf::actor bee_;
};

inline RecordBatch batch_of(const std::string& text, Epoch sender, Epoch receiver, std::size_t count = 1) {
  RecordBatch batch{sender_key(0, 0, 0), 0, 0, {}, {}};
  batch.packet.sender = sender;
  batch.packet.receiver = receiver;
  for (std::size_t i = 0; i < count; ++i) batch.packet.records.emplace_back(RecordHeader{}, Payload::raw(text.c_str()));
  return batch;
}

class LinkHostTest : public ::testing::Test {
 protected:
  /// Node 2 listens first, so that node 1 finds it.
  void connect() {
    two_.start({one_.as_peer()});
    one_.start({two_.as_peer()});
    ASSERT_TRUE(one_.wait_up(2) && two_.wait_up(1)) << one_.all_lines() << two_.all_lines();
  }
  void expect_carried(const std::string& text) {
    two_.seen.change([&] { two_.batches.clear(); });
    one_.seen.change([&] { one_.acks.clear(); });
    caf::anon_send(one_.proxy(2), batch_of(text, one_.bee().epoch, two_.bee().epoch));
    ASSERT_TRUE(two_.seen.wait([&] { return !two_.batches.empty(); })) << two_.all_lines();
    EXPECT_EQ(two_.batches.front().packet.records.front().text(), text);
    ASSERT_TRUE(one_.seen.wait([&] { return !one_.acks.empty(); })) << "its acknowledgement finds the sender";
    EXPECT_EQ(one_.acks.front().pace, 7u);
  }
  Socket dial(const TestNode& node) {
    Socket socket(loop_.context);
    socket.connect({boost::asio::ip::address_v4::loopback(), node.address().port});
    prepare(socket);
    return socket;
  }

  test::TlsLoop loop_;
  TestNode one_{1, "a", loop_.tls("a")}, two_{2, "b", loop_.tls("b")};
};

}  // namespace skep
