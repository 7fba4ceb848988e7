#pragma once
// What a custom gateway asks for, on its way to the I/O thread: submissions, sessions that open and close.
//
// Bounded by itself, whatever threads do: submissions by number and bytes until GatewayCore has them, sessions by
// `sessions_max` until their end is taken up, and each is closed once. `notify` is called when there is something to
// take up, once until it was taken.
// Threads: any, but where it says the owner's. One lock, held briefly.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "skep/gateways/custom_gateway.hpp"

namespace skep {

struct SubmissionLimits {
  std::size_t records_max = 0;
  std::size_t bytes_max = 0;
  std::size_t payload_bytes_max = 0;
  std::size_t sessions_max = 0;
  bool blocks = false;  ///< who finds it full waits, and is not refused
};

class Submissions {
 public:
  enum class Kind : std::uint8_t { submit, open, close };
  struct Item {
    Kind kind = Kind::submit;
    Submission submission{};  ///< owns its bytes
    SubmissionId id{};
    GatewaySession session{};
  };
  /// What has come since the last `take`, in order; cancelled ones apart, to be looked at after the others.
  struct Taken {
    std::vector<Item> items;
    std::vector<SubmissionId> cancelled;
    bool resumed = false;  ///< deliveries go on
    std::string failure;   ///< why the gateway is to end; empty: it goes on
  };

  /// `notify` may be called as long as this lives, never under the lock.
  Submissions(SubmissionLimits limits, std::function<void()> notify) : limits_(limits), notify_(std::move(notify)) {}
  Submissions(const Submissions&) = delete;
  Submissions& operator=(const Submissions&) = delete;

  // As GatewayContext has them.
  [[nodiscard]] Result<SubmissionId> submit(Submission submission);
  [[nodiscard]] Result<GatewaySession> open_session();
  void close_session(GatewaySession session);
  void cancel(SubmissionId submission);
  /// False: it is closed, or `time_max` is over.
  [[nodiscard]] bool await_room(std::chrono::nanoseconds time_max);
  [[nodiscard]] bool closed() const;
  void fail(std::string why);
  void set_paused(bool paused);
  [[nodiscard]] bool paused() const;

  // The owner's.
  [[nodiscard]] Taken take();
  /// A submission of so many bytes, taken before, waits no longer.
  void left(std::size_t bytes);
  /// A session that was taken as closed, or that has ended with the gateway, has no place any more.
  void session_ended();
  /// Takes nothing from now on, and says why; the first reason counts. What the next `take` does not have was refused.
  void close(std::string why);
  [[nodiscard]] bool has_room() const;
  /// Submissions that were never taken, for a reason that is no request to wait.
  [[nodiscard]] std::uint64_t refused() const;

 private:
  [[nodiscard]] std::optional<Error> refusal(const Submission& submission) const;
  [[nodiscard]] bool room_for(std::size_t bytes) const;
  void give_back(std::size_t bytes);  ///< the place of a submission
  void tell(std::unique_lock<std::mutex>& lock);

  const SubmissionLimits limits_;
  const std::function<void()> notify_;
  mutable std::mutex mutex_;  // over all that follows
  std::condition_variable room_;
  Taken taken_;
  std::set<SubmissionId> cancelled_;
  std::unordered_set<GatewaySession> sessions_;  ///< that submissions may name
  std::size_t sessions_open_ = 0;                ///< those, and those whose end was not taken up
  std::size_t records_ = 0;                      ///< that wait
  std::size_t bytes_ = 0;                        ///< of them
  std::size_t wanted_ = 1;  ///< bytes of the largest that found no room since there was nothing that waits
  std::uint64_t last_ = 0;
  std::uint64_t last_session_ = 0;
  std::uint64_t refused_ = 0;
  bool told_ = false;
  bool paused_ = false;
  std::string closed_;  ///< why; empty: it is open
};

}  // namespace skep
