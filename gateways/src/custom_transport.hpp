#pragma once
// Where a user's gateway object lives: what it asks of its context, and the calls it gets.
//
// A throw out of a call is the end: nothing is called any more, and the actor hears of it by message, because the call
// came from within GatewayCore. For the same reason what the object asks for in a call is taken up after it.
// Threads: the gateway's, but for what GatewayContext says.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "custom_session.hpp"
#include "descriptor_watches.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/call_mark.hpp"
#include "skep/actors/timers.hpp"
#include "skep/gateways/gateway_registry.hpp"
#include "submissions.hpp"
#include "transport.hpp"

namespace skep {

class CustomTransport final : public Transport, public GatewayContext, private WatchedBee {
 public:
  struct Settings {
    GatewayFactory factory;
    SubmissionLimits submissions;
  };

  CustomTransport(GatewayCore& gateway, Settings settings);
  ~CustomTransport() override;

  // Transport.
  [[nodiscard]] Result<void> open() override;
  void close() noexcept override;
  [[nodiscard]] std::string address() const override { return address_; }
  [[nodiscard]] std::uint64_t refused() const override { return submissions_.refused(); }
  void take_up() override;

  // GatewayContext.
  Result<SubmissionId> submit(Submission submission) override { return submissions_.submit(std::move(submission)); }
  Result<GatewaySession> open_session() override { return submissions_.open_session(); }
  void close_session(GatewaySession session) override { submissions_.close_session(session); }
  void cancel(SubmissionId submission) override { submissions_.cancel(submission); }
  bool await_room(std::chrono::nanoseconds time_max) override;
  [[nodiscard]] bool closed() const override { return submissions_.closed(); }
  void pause_deliveries() override { submissions_.set_paused(true); }
  void resume_deliveries() override { submissions_.set_paused(false); }
  void fail(std::string why) override { submissions_.fail(std::move(why)); }
  void log(LogLevel level, std::string_view text) override;
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] bool answers() const override;
  [[nodiscard]] bool delivers() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override;
  [[nodiscard]] EventTime wall_clock() const override;
  TimerId start_timer(std::chrono::nanoseconds delay) override;
  void cancel_timer(TimerId timer) override { timers_.cancel(timer); }
  void watch(int descriptor) override;
  void unwatch(int descriptor) override { watches_.remove(descriptor); }
  void set_address(std::string address) override { address_ = std::move(address); }

  // For its sessions.
  enum class Sent : std::uint8_t { yes, lost, broken };
  void left(const Submissions::Item& item);
  void never_admitted(const Submissions::Item& item);
  void ended(const CustomSession& session);
  [[nodiscard]] bool tell(const Answered& answered);
  [[nodiscard]] Sent deliver(const Record& record);
  [[nodiscard]] bool paused() const { return submissions_.paused(); }
  [[nodiscard]] bool broken() const noexcept { return !broken_.empty(); }
  void stopped();
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> fire_timers(
      std::chrono::steady_clock::time_point now);

  // For a harness, which has no loop.
  [[nodiscard]] Gateway* object() noexcept { return object_.get(); }
  [[nodiscard]] std::vector<int> watched() const { return watches_.all(); }
  void readable(int descriptor) { watches_.readable(descriptor); }

 private:
  using Time = std::chrono::steady_clock::time_point;

  template <class Call>
  bool call(const char* what, Call call);
  void break_off(std::string why);
  void take_up(Submissions::Item item);
  void take_up_submission(Submissions::Item item);
  void refuse_late(const Submissions::Item& item);
  void read(int descriptor);
  [[nodiscard]] std::string watched_name() const override;
  void on_abandoned(const std::string&) override {}  // there is nobody to take its place
  [[nodiscard]] std::function<void()> notifier() const;

  GatewayCore& gateway_;
  const GatewayFactory factory_;
  const std::thread::id thread_ = std::this_thread::get_id();  ///< all there is, where there is no loop
  const bool blocks_;
  Submissions submissions_;
  boost::intrusive_ptr<CustomPeer> peer_;
  CustomSessionPtr clientless_;
  std::unordered_map<GatewaySession, CustomSessionPtr> clients_;
  Timers timers_;
  DescriptorWatches watches_;
  std::string address_;
  std::string broken_;       ///< why it gets no more calls; empty: it does
  bool unfit_told_ = false;  ///< it has logged that a record cannot be sent
  bool stopped_ = false;
  CallMark mark_;
  std::optional<BeeCalls::Entry> watched_;
  std::unique_ptr<Gateway> object_;  // last: what it does at its end needs the others
};

}  // namespace skep
