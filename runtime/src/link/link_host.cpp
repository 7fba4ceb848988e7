#include "link/link_host.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

namespace skep {
namespace {

constexpr std::chrono::seconds stranger_report_interval{1};

/// Of connections that are refused at once.
class Nobody final : public LinkConnectionOwner {
 public:
  void opened(LinkConnection&) override {}
  void came(LinkConnection&, LinkMessage, Time) override {}
  void turn_ends() override {}
  void ended(LinkConnection&, const std::string&) override {}
};

void refuse(TlsSocketPtr socket, const std::string& why) {
  static Nobody nobody;
  LinkMeter meter({}, {});
  const LinkConnectionPtr connection(new LinkConnection(nobody, meter));
  connection->take(std::move(socket));
  connection->refuse(why);
}

}  // namespace

LinkHost::LinkHost(caf::actor_system& system, Settings settings, LinkUser& user)
    : work_(boost::asio::make_work_guard(io_)),
      context_{system,      io_, scratch_, user, std::move(settings.log), settings.settings, std::move(settings.hello),
               settings.tls},
      listen_(std::move(settings.listen)),
      listener_(io_, {settings.tls, scratch_},
                {[this](TlsSocketPtr socket) { accept(std::move(socket)); },
                 [this](const std::string& address, const std::string& why) { refused(address, why); },
                 [this](const std::string& why) {
                   context_.log(LogLevel::error, "link", "takes no connections for now: " + why);
                 }}),
      stranger_lines_(stranger_report_interval),
      stranger_wakeup_(new LoopWakeup(io_, [this] { report_strangers(); })) {
  for (auto& peer : settings.peers) links_.push_back(std::make_unique<Link>(context_, std::move(peer)));
}

Result<void> LinkHost::start() {
  if (auto opened = listener_.open(listen_); !opened) return opened;
  address_ = listener_.address();
  for (const auto& link : links_) link->start();
  thread_ = std::thread([this] { run(); });
  return {};
}

void LinkHost::run() {
  sigset_t all;
  sigfillset(&all);  // signals are for main; a connection whose peer is gone is an error of the write
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "skep-links");
  io_.run();  // until `stop`
  io_.restart();
  io_.run_for(limits::close_time_max);  // as long as connections end
}

void LinkHost::stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] {
    listener_.close();
    for (const auto& link : links_) link->stop();
    for (const auto& wakeup : wakeups_) wakeup->cancel();
    stranger_wakeup_->cancel();
    stopped_ = true;
    work_.reset();
    io_.stop();
  });
  thread_.join();
}

void LinkHost::accept(TlsSocketPtr socket) {
  const auto& name = socket->peer().identity->name;
  const auto found = std::ranges::find(links_, name, [](const auto& link) { return link->peer().name; });
  if (found != links_.end()) return (*found)->accept(std::move(socket));
  not_configured_.add(1);
  if (std::exchange(reported_not_configured_, name) != name) {
    context_.log(LogLevel::warning, "link",
                 socket->address() + " is refused: node " + name + " is not configured here");
  }
  refuse(std::move(socket), "node " + name + " is not configured here");
}

void LinkHost::refused(const std::string& address, const std::string& why) {
  strangers_.add(1);
  const auto now = std::chrono::steady_clock::now();
  const auto line = stranger_lines_.add(address + " is refused: " + why, now);
  if (line) context_.log(LogLevel::warning, "link", *line);
  if (const auto due = stranger_lines_.due()) stranger_wakeup_->by(*due);
}

void LinkHost::report_strangers() {
  if (const auto line = stranger_lines_.take(std::chrono::steady_clock::now())) {
    context_.log(LogLevel::warning, "link", *line);
  }
}

void LinkHost::read(ClusterMetrics& to) const {
  for (const auto& link : links_) to.links.push_back(link->metrics());
  to.refused_strangers = strangers_.get();
  to.refused_not_configured = not_configured_.get();
}

Link* LinkHost::link(NodeNumber node) noexcept {
  const auto found = std::ranges::find(links_, node, [](const auto& link) { return link->peer().number; });
  return found != links_.end() ? found->get() : nullptr;
}

void LinkHost::use(TlsContextPtr tls) {
  post([this, tls = std::move(tls)]() mutable { replace(std::move(tls)); });
}

void LinkHost::replace(TlsContextPtr tls) {
  listener_.use(tls);
  context_.tls = std::move(tls);
  for (const auto& link : links_) link->end_denied();
}

WakeupPtr LinkHost::make_wakeup(std::function<void()> call) {
  return wakeups_.emplace_back(new LoopWakeup(io_, std::move(call)));
}

void LinkHost::post(std::function<void()> call) {
  boost::asio::post(io_, [this, call = std::move(call)] {
    if (!stopped_) call();
  });
}

}  // namespace skep
