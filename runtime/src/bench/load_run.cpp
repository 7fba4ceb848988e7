#include "bench/load_run.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bench/load_client.hpp"
#include "bench/load_driver.hpp"
#include "bench/load_tls.hpp"
#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"

namespace skep::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr milliseconds look_interval{50};     // whether to stop, connections that take too long
constexpr std::uint32_t connecting_max = 64;  // at once: a listener's queue is short

std::int64_t wall_time_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class LoadRun final : private LoadClientOwner {
 public:
  LoadRun(const Load& load, const LoadWatch& watch, const StreamTlsPtr& tls);

  Result<LoadFigures> run();

 private:
  void resolve();
  void connect_more();
  void begin();
  void look(Time now);
  void tell(Time now);
  void send_due(Time now);
  void arm(Time now);
  void on_timer();
  [[nodiscard]] std::string others_text() const;
  void fail_unresolved(const std::string& why);
  void fail(Error error);
  void finish();

  void opened(LoadClient& client) override;
  void answered(LoadClient& client, std::string_view answer) override;
  void read_all(LoadClient& client) override;
  void full(LoadClient& client, bool is_full) override;
  void ended(LoadClient& client, const std::string& why) override;

  const Load load_;
  const LoadWatch& watch_;
  std::array<char, 64u << 10> scratch_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  NameLookup lookup_{context_};
  NameLookup::Endpoints endpoints_;
  Time deadline_{};  ///< of the lookup
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::uint32_t first_ = 0, open_ = 0;               ///< connections begun, and made, before the load begins
  std::vector<std::pair<Time, LoadClient*>> later_;  ///< to be made anew, in this order
  std::optional<LoadDriver> driver_;                 ///< once all are there
  std::vector<LoadClient*> written_;                 ///< that have something to flush
  Time armed_ = Time::max(), look_at_{}, told_at_{}, began_{};
  std::uint64_t answers_told_ = 0;
  bool measures_ = false, ends_ = false;
  std::optional<Error> failed_;
};

LoadRun::LoadRun(const Load& load, const LoadWatch& watch, const StreamTlsPtr& tls) : load_(load), watch_(watch) {
  LoadClientOwner& owner = *this;
  for (std::uint32_t number = 0; number < load.plan.clients; ++number) {
    const LoadClient::Settings settings{number, &load.target, tls, load.plan.seed + number, scratch_};
    clients_.push_back(std::make_unique<LoadClient>(context_, settings, owner));
  }
}

Result<LoadFigures> LoadRun::run() {
  deadline_ = Clock::now() + limits::bench_connect_time_max;
  resolve();
  arm(Clock::now());
  context_.run();
  lookup_.cancel();
  for (const auto& client : clients_) client->close();
  if (failed_) return *failed_;
  return driver_ ? driver_->figures() : LoadFigures();
}

void LoadRun::resolve() {
  if (const auto endpoint = numeric_endpoint(load_.target.address)) {
    endpoints_ = {*endpoint};
    return connect_more();
  }
  lookup_.start(load_.target.address, [this](const Result<NameLookup::Endpoints>& found) {
    if (!found) return fail_unresolved(": " + found.error().message);
    endpoints_ = *found;
    connect_more();
  });
}

void LoadRun::connect_more() {
  const auto deadline = Clock::now() + limits::bench_connect_time_max;
  while (first_ < load_.plan.clients && first_ - open_ < connecting_max)
    clients_[first_++]->connect(endpoints_, deadline);
}

void LoadRun::opened(LoadClient& client) {
  if (driver_) return driver_->connected(client.number(), Clock::now());
  if (++open_ == load_.plan.clients) return begin();
  connect_more();
}

void LoadRun::begin() {
  began_ = told_at_ = Clock::now();
  driver_.emplace(load_.plan, began_);
  for (const auto& client : clients_) driver_->connected(client->number(), began_);
  send_due(began_);
}

void LoadRun::answered(LoadClient& client, std::string_view answer) {
  if (driver_) driver_->answered(client.number(), Clock::now(), {answer.size(), error_of(answer)});
}

void LoadRun::read_all(LoadClient&) {
  if (driver_) send_due(Clock::now());
}

void LoadRun::full(LoadClient& client, bool is_full) {
  if (!driver_) return;
  const auto now = Clock::now();
  driver_->full(client.number(), is_full, now);
  if (!is_full) send_due(now);
}

void LoadRun::ended(LoadClient& client, const std::string& why) {
  if (ends_) return;
  const auto target = load_.target.to_string();
  if (!driver_) return fail({errc::unavailable, "cannot connect to " + target + ": " + why + others_text()});
  const auto now = Clock::now();
  driver_->lost(client.number(), now, why);
  later_.emplace_back(now + limits::bench_connect_delay, &client);
  const auto none = [](const auto& each) { return each->state() != LoadClient::State::open; };
  if (driver_->all_answered() == 0 && std::ranges::all_of(clients_, none)) {
    fail({errc::unavailable, "connections to " + target + " end before an answer comes: " + why});
  }
}

/// A limit of connections shows in no other way: the target ends those that are too many.
std::string LoadRun::others_text() const {
  const auto all = load_.plan.clients;
  if (all == 1) return "";
  return " (one of " + std::to_string(all) + " connections; " + std::to_string(open_) + " were made)";
}

void LoadRun::send_due(Time now) {
  while (const auto send = driver_->next(now)) {
    auto& client = *clients_[send->client];
    const auto payload = load_.payloads.make({send->number, wall_time_ms()});
    if (const auto sent = client.send(payload); !sent) return fail(sent.error());
    driver_->sent_bytes(payload.size());
    if (written_.empty() || written_.back() != &client) written_.push_back(&client);
  }
  for (auto* client : std::exchange(written_, {})) client->flush();
  arm(now);
}

/// The timer goes off when something is due, or to be looked at.
void LoadRun::arm(Time now) {
  if (ends_) return;
  auto when = look_at_;
  if (driver_) when = std::min(when, driver_->wakes_at());
  if (driver_ && !measures_) when = std::min(when, driver_->measured_from());
  when = std::max(when, now);
  if (armed_ <= when) return;
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) on_timer();
  });
}

void LoadRun::on_timer() {
  armed_ = Time::max();
  const auto now = Clock::now();
  if (now >= look_at_) look(now);
  if (ends_) return;
  if (!driver_) return arm(now);
  if (!measures_ && now >= driver_->measured_from()) {
    measures_ = true;
    if (watch_.measures) watch_.measures();
  }
  driver_->give_up(now);
  send_due(now);
  if (driver_->finished(now)) finish();
}

void LoadRun::look(Time now) {
  look_at_ = now + look_interval;
  if (watch_.stopped && watch_.stopped()) {
    if (driver_) driver_->stop(now);
    return finish();
  }
  if (endpoints_.empty() && now >= deadline_) {
    return fail_unresolved(" within " + skep::to_string(std::chrono::nanoseconds(limits::bench_connect_time_max)));
  }
  for (const auto& client : clients_) client->check(now);
  std::vector<LoadClient*> due;
  std::erase_if(later_, [&](const auto& later) {
    if (later.first > now) return false;
    due.push_back(later.second);
    return true;
  });
  for (auto* client : due) client->connect(endpoints_, now + limits::bench_connect_time_max);
  tell(now);
}

void LoadRun::tell(Time now) {
  if (!driver_ || !watch_.each_second || now < told_at_ + std::chrono::seconds(1)) return;
  told_at_ = now;
  const auto answers = driver_->all_answered();
  watch_.each_second(
      {now - began_, now < driver_->measured_from(), answers - answers_told_, driver_->figures().failed()});
  answers_told_ = answers;
}

void LoadRun::fail_unresolved(const std::string& why) {
  fail({errc::unavailable, "no address of '" + load_.target.address.host + "'" + why});
}

void LoadRun::fail(Error error) {
  if (!failed_) failed_ = std::move(error);
  finish();
}

void LoadRun::finish() {
  ends_ = true;
  context_.stop();
}

}  // namespace

Result<LoadFigures> run_load(const Load& load, const LoadWatch& watch) {
  const auto tls = read_tls(load.target);
  if (!tls) return tls.error();
  return LoadRun(load, watch, *tls).run();
}

}  // namespace skep::bench
