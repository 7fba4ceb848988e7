#include "link/link.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_counted.hpp>
#include <caf/node_id.hpp>
#include <caf/string_view.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <utility>

#include "link/link_codec.hpp"
#include "skep/actors/option.hpp"

namespace skep {
namespace {

/// Batches and acknowledgements that one turn of the thread hands on at once: whom they wake up finds them all, and
/// need not be woken again for each. With more bees would wait that could work.
constexpr std::size_t arrived_max = 16;

/// For CAF, which tells remote actors from its own by it.
caf::node_id node_id_of(NodeNumber node, std::uint64_t incarnation) {
  std::array<char, 41> text{};
  std::snprintf(text.data(), text.size(), "%024x%016llx", 0u, static_cast<unsigned long long>(incarnation));
  return *caf::make_node_id(node, caf::string_view(text.data(), text.size() - 1));
}

/// To whom what is sent to a sender's session goes back.
BeeAddress sender_of(const RemoteBatch& remote) {
  return {remote.to.swarm, part_of(remote.batch.sender), replica_of(remote.batch.sender), remote.batch.packet.sender};
}

}  // namespace

Link::Link(LinkContext& context, LinkPeer peer)
    : context_(context),
      peer_(std::move(peer)),
      meter_(std::chrono::steady_clock::now(), std::chrono::system_clock::now()),
      state_(dials(), context.settings),
      wakeup_(new LoopWakeup(context.io, [this] { look(); })) {}

void Link::start() {
  if (!dials()) return;
  connector_ = new Connector(
      context_.io,
      {peer_.address, context_.settings.delay_min, context_.settings.delay_max, context_.settings.hello_time_max,
       context_.settings.lasted},
      {[this](Socket socket) { dial(std::move(socket)); }, [this](const std::string& why) { report(why); }});
  connector_->connect();
}

void Link::stop() noexcept {
  if (connector_) connector_->close();
  wakeup_->cancel();
  for (auto& newcomer : std::exchange(newcomers_, {})) newcomer.connection->close();
  if (up()) {  // the other node ends the link when data ends: so that comes first
    close_outlet();
    data_->finish(*control_);
  }
  for (auto* connection : {&data_, &control_}) {
    if (const auto last = std::exchange(*connection, nullptr)) last->finish();
  }
  state_.on_end();
  outlet_.reset();
  actors_.reset();
}

/// Before its connection ends. What waits there goes first; senders have no part in it any more.
void Link::close_outlet() {
  const auto held = data_->hold();
  queue_records();
  outlet_->close();
}

// Connections.

/// Control first; data when that was answered.
void Link::dial(Socket socket) {
  if (up()) return;
  if (!state_.wants_data()) state_.begin(std::chrono::steady_clock::now());
  LinkConnectionPtr connection(new LinkConnection(*this, meter_));
  newcomers_.push_back({connection, std::chrono::steady_clock::now() + context_.settings.hello_time_max});
  connection->open(std::move(socket), {context_.tls, TlsChannel::End::client, peer_.name, context_.scratch});
  arm();
}

void Link::opened(LinkConnection& connection) {
  connection.send(encode(own_hello(state_.wants_data() ? LinkStream::data : LinkStream::control, state_.attempt())));
}

void Link::accept(TlsSocketPtr socket) {
  if (dials()) {
    report_refusal(socket->address(), " is refused: it is this node that dials");
    return socket->finish();
  }
  if (newcomers_.size() == limits::link_newcomers_max) {
    turn_away(take_newcomer(*newcomers_.front().connection), "there are more connections than a link needs");
  }
  LinkConnectionPtr connection(new LinkConnection(*this, meter_));
  newcomers_.push_back({connection, std::chrono::steady_clock::now() + context_.settings.hello_time_max});
  connection->take(std::move(socket));
  arm();
}

void Link::came(LinkConnection& connection, LinkMessage message, Time now) {
  if (const auto* hello = std::get_if<LinkHello>(&message)) return on_hello(connection, *hello, now);
  if (const auto* refusal = std::get_if<LinkRefusal>(&message)) {
    const LinkConnectionPtr self(&connection);
    connection.close();
    return ended(connection, "it refuses this node, and says: '" + refusal->why + '\'');
  }
  const bool is_control = &connection == control_.get();
  if (!is_control && &connection != data_.get()) {
    return turn_away(take_newcomer(connection), "its first message is no hello");
  }
  if (is_control) meter_.heard(now);
  if (state_.on_message(is_control ? LinkStream::control : LinkStream::data, now)) come_up();
  if (up()) heard(message);
}

void Link::on_hello(LinkConnection& connection, const LinkHello& hello, Time now) {
  if (&connection == control_.get() || &connection == data_.get()) return go_down("it says hello twice");
  auto newcomer = take_newcomer(connection);
  if (const auto why = problem(connection, hello); !why.empty()) {
    turn_away(std::move(newcomer), why);
    if (dials()) go_down(why);
    return;
  }
  join(std::move(newcomer), hello, now);
}

std::string Link::problem(const LinkConnection& connection, const LinkHello& hello) const {
  const auto& name = connection.peer().identity->name;
  if (hello.node != name) return "it says that it is node '" + hello.node + "', and its certificate says " + name;
  if (hello.number != peer_.number) {
    return "it counts itself as node " + std::to_string(hello.number) + ", and is number " +
           std::to_string(peer_.number) + " here";
  }
  if (context_.tls->denies(connection.peer().serial)) {  // since it shook hands
    return "its certificate is revoked (serial " + connection.peer().serial + ')';
  }
  return difference(context_.hello, hello);
}

void Link::join(LinkConnectionPtr connection, const LinkHello& hello, Time now) {
  const bool was_up = up(), same_life = hello.incarnation == incarnation_;
  const auto joins = state_.on_hello(hello.stream, hello.incarnation, hello.attempt, now);
  if (joins == LinkState::Joins::nothing) return connection->close();
  if (joins == LinkState::Joins::new_one && (control_ || data_)) {
    drop(was_up, same_life ? "it has connected anew"
                           : "another process with its certificate has connected, from " + connection->address() +
                                 ": it was started again, or two run under one name");
  }
  incarnation_ = hello.incarnation;
  connection->take_all();
  if (!dials()) connection->send(encode(own_hello(hello.stream, hello.attempt)));
  (hello.stream == LinkStream::control ? control_ : data_) = std::move(connection);
  if (up()) come_up();
  if (state_.wants_data()) connector_->connect();
  arm();
}

LinkHello Link::own_hello(LinkStream stream, std::uint64_t attempt) const {
  auto hello = context_.hello;
  hello.stream = stream;
  hello.attempt = attempt;
  return hello;
}

LinkConnectionPtr Link::take_newcomer(LinkConnection& connection) {
  const auto found =
      std::ranges::find(newcomers_, &connection, [](const Newcomer& each) { return each.connection.get(); });
  if (found == newcomers_.end()) return nullptr;
  auto taken = std::move(found->connection);
  newcomers_.erase(found);
  return taken;
}

void Link::turn_away(LinkConnectionPtr connection, const std::string& why) {
  report_refusal(connection->address(), " is refused: " + why);
  connection->refuse(why);
}

/// A node that is refused dials again and again: the same is said once.
void Link::report_refusal(const std::string& address, const std::string& what) {
  meter_.refused_connections.add(1);
  if (what == reported_refusal_) return;
  reported_refusal_ = what;
  context_.log(LogLevel::warning, "link", "node " + peer_.name + " at " + address + what);
}

void Link::ended(LinkConnection& connection, const std::string& why) {
  const auto text = why.empty() ? "it has ended the link" : why;
  const auto newcomer = take_newcomer(connection);
  if (newcomer && !dials()) return report_refusal(connection.address(), ": " + text);
  go_down(text);
}

// The link.

void Link::come_up() {
  reported_.clear();
  reported_refusal_.clear();
  outlet_ = caf::make_counted<LinkOutlet>(LinkOutlet::Calls{
      [this] { boost::asio::post(context_.io, [this] { send_records(); }); },
      [data = data_.get()](const Buffer& frame) { return data->try_send(frame); },
  });
  meter_.came_up(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
  actors_.emplace(context_.system, node_id_of(peer_.number, incarnation_), outlet_, context_.settings.proxies_max);
  context_.log(LogLevel::info, "link", "the link to node " + peer_.name + " is up");
  context_.user.link_up(peer_.number, *actors_);
  look();  // dialled: the other node waits for this heartbeat
}

void Link::end(const std::string& why) {
  if (control_ || data_) go_down(why);
}

void Link::end_denied() {
  for (const auto& connection : {control_, data_}) {
    if (!connection || !context_.tls->denies(connection->peer().serial)) continue;
    return end("its certificate is revoked (serial " + connection->peer().serial + ')');
  }
}

/// Whatever there is of the link ends; the dialling node tries again.
void Link::go_down(const std::string& why) {
  const bool was_up = up();
  state_.on_end();
  drop(was_up, why);
  if (dials()) {
    for (auto& newcomer : std::exchange(newcomers_, {})) newcomer.connection->close();
    connector_->connect_later();
  }
  arm();
}

void Link::drop(bool was_up, const std::string& why) {
  deliver_arrived();
  if (outlet_) outlet_->close();
  for (auto* connection : {&control_, &data_}) {
    if (const auto ended = std::exchange(*connection, nullptr)) ended->close();
  }
  report(why);
  if (!was_up) return;
  meter_.was_lost(std::chrono::system_clock::now());
  refusals_ += outlet_->refusals();
  outlet_.reset();
  show_refusals();
  context_.user.link_down(peer_.number, why);
  actors_->end_all(caf::exit_reason::remote_link_unreachable);
  actors_.reset();
}

void Link::report(const std::string& why) {
  if (why == reported_) return;
  reported_ = why;
  context_.log(LogLevel::warning, "link", "no link to node " + peer_.name + ": " + why);
}

void Link::look() {
  const auto now = std::chrono::steady_clock::now();
  end_newcomers(now);
  const auto due = state_.tick(now);
  if (!due.dead.empty()) return go_down(due.dead);
  if (const auto why = stuck(now); !why.empty()) return go_down(why);
  if (due.heartbeat) send(context_.user.heartbeat());
  show_refusals();
  arm();
}

/// Why data moves too slowly; "": it does not. The credits of many replicas may be more than what may wait, and a
/// network that is slower than they are is no reason to end.
std::string Link::stuck(Time now) const {
  const auto& settings = context_.settings;
  const auto most = settings.output_bytes_max;
  const auto waits = [&](const LinkConnectionPtr& connection) {
    return connection->waiting_bytes() > most && now - connection->moved_at() >= settings.silence_max;
  };
  if (!up() || !(waits(data_) || waits(control_))) return "";
  return "more than link_output_bytes_max = " + std::to_string(most >> 20) +
         " MiB wait for it, and nothing of that has moved for " + to_string(settings.silence_max);
}

void Link::end_newcomers(Time now) {
  while (!newcomers_.empty() && newcomers_.front().until <= now) {
    const auto why = "no hello within " + to_string(context_.settings.hello_time_max);
    turn_away(take_newcomer(*newcomers_.front().connection), why);
  }
}

void Link::arm() {
  if (!newcomers_.empty()) wakeup_->by(newcomers_.front().until);
  if (const auto due = state_.due()) wakeup_->by(*due);
}

// Messages.

void Link::heard(LinkMessage& message) {
  if (auto* batch = std::get_if<RemoteBatch>(&message)) return take(std::move(*batch));
  if (auto* ack = std::get_if<RemoteAck>(&message)) return take(*ack);
  if (auto* heartbeat = std::get_if<LinkHeartbeat>(&message)) return context_.user.heard(peer_.number, *heartbeat);
  if (auto* placement = std::get_if<PlacementNotice>(&message)) {
    return context_.user.heard(peer_.number, std::move(*placement));
  }
  if (auto* presence = std::get_if<PresenceNotice>(&message)) {
    return context_.user.heard(peer_.number, std::move(*presence));
  }
}

void Link::take(RemoteBatch&& remote) {
  auto to = context_.user.taker(remote.to, remote.batch.sender);
  if (!to) return meter_.orphans.add(1);
  const bool session = remote.batch.sender != SenderKey{};
  auto sender = session ? caf::actor_cast<caf::strong_actor_ptr>(actors_->get(sender_of(remote))) : nullptr;
  if (session && !sender) return meter_.orphans.add(1);  // there are link_proxies_max
  Arrival arrival{std::move(to), std::move(sender), {}};
  if (remote.kind == BatchKind::replies) {
    arrival.message = ReplyBatch{std::move(remote.batch)};
  } else {
    arrival.message = std::move(remote.batch);
  }
  arrive(std::move(arrival));
}

void Link::take(const RemoteAck& remote) {
  auto to = context_.user.local(remote.to);
  if (!to) return meter_.orphans.add(1);
  arrive({std::move(to), nullptr, remote.ack});
}

void Link::arrive(Arrival arrival) {
  arrived_.push_back(std::move(arrival));
  if (arrived_.size() == arrived_max) deliver_arrived();
}

/// In the order in which the other node has sent them: a sender that has its acknowledgement takes what it sent before
/// for delivered, and a drain goes by that.
void Link::deliver_arrived() {
  for (auto& [to, sender, message] : arrived_) {
    std::visit([&to = to, &sender = sender](
                   auto& value) { to->eq_impl(caf::make_message_id(), std::move(sender), nullptr, std::move(value)); },
               message);
  }
  arrived_.clear();
}

void Link::send_records() {
  if (!up()) return;
  const auto held = data_->hold();
  queue_records();
  data_->flush();
}

void Link::queue_records() {
  for (auto& frames : outlet_->take()) data_->queue(std::move(frames));
}

/// Proxies count in the threads of their senders, and may outlive the link.
void Link::show_refusals() {
  meter_.refused_messages.set(refusals_ + (outlet_ ? outlet_->refusals() : 0));
}

}  // namespace skep
