#pragma once
// The open requests of one session, and the answers to them that have not left. Pure.
//
// Which answer leaves next is for those to say who derive from this: ReplySequencer, UnorderedReplies. The first answer
// to a request wins. A refusal takes a place like an answer.
// Threads: the I/O thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "skep/serialization/failure.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// What a client gets for a request: a record, or the reason why there is none.
using Answer = std::variant<Record, Failure>;

[[nodiscard]] bool is_error(const Answer& answer) noexcept;

/// How an answer of a payload type goes to the client.
enum class TypedAs : std::uint8_t { json, bytes };

class OpenRequests {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~OpenRequests() = default;

  /// The number of the next request; from 1.
  [[nodiscard]] std::uint64_t next_request() const noexcept { return end_; }
  /// A request of so many `bytes` that now waits for its answer; returns its number. Deadlines do not decrease
  /// (asserted).
  std::uint64_t open(Time deadline, std::size_t bytes = 0, TypedAs typed_as = TypedAs::json);
  /// A request that is answered at once.
  void refuse(Failure failure);

  enum class Accepted : std::uint8_t {
    yes,
    late,  ///< no such request any more, or it has its answer already
  };
  [[nodiscard]] Accepted answer(std::uint64_t request, Answer&& answer);
  struct Request {
    Time deadline{};
    std::size_t bytes = 0;
    TypedAs typed_as{};
  };
  /// That request, if it is open; else null. Valid until the next one is opened or answered.
  [[nodiscard]] const Request* awaits(std::uint64_t request) const noexcept;
  /// The same for one that is open: `found` is what `awaits(request)` gave, and no other has been opened or answered.
  void answer(std::uint64_t request, const Request& found, Answer&& answer);
  /// Whether its answer, had it one, would be the next to leave.
  [[nodiscard]] virtual bool leads(std::uint64_t request) const noexcept = 0;
  /// The answer to this one, which leads and has been `found` as above, leaves without being kept here: as after
  /// `next`.
  void pass(std::uint64_t request, const Request& found);
  /// Of the request that was opened last.
  [[nodiscard]] Time last_deadline() const noexcept { return last_deadline_; }
  /// Answers what is past its deadline with `failure`; returns how many.
  virtual std::size_t expire(Time now, const Failure& failure) = 0;
  /// Answers everything open with `failure`; returns how many.
  std::size_t expire_all(const Failure& failure) { return expire(Time::max(), failure); }

  /// The next answer, if it is there.
  [[nodiscard]] std::optional<Answer> next();
  /// The request whose answer left last: `next` gave it, or `pass` was told.
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

  /// Answers not taken that are no errors; counts them.
  [[nodiscard]] virtual std::size_t held_records() const noexcept = 0;
  [[nodiscard]] std::size_t open_count() const noexcept { return open_; }        ///< without an answer
  [[nodiscard]] std::size_t places() const noexcept { return places_; }          ///< that have not left
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }            ///< of the requests of those
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }  ///< of answers not taken
  /// Of those, what is more than the bytes of their requests.
  [[nodiscard]] std::size_t excess_bytes() const noexcept { return excess_bytes_; }
  /// Or a time before it.
  [[nodiscard]] virtual std::optional<Time> earliest_deadline() const noexcept = 0;

 protected:
  /// Small, so that those of many busy clients stay in a core's cache.
  struct Place : Request {
    Record record{};                     ///< its answer, or
    std::unique_ptr<Failure> failure{};  ///< why there is none

    [[nodiscard]] bool answered() const noexcept { return record || failure; }
    [[nodiscard]] bool holds_record() const noexcept { return record && record.content().kind != ContentKind::error; }
    [[nodiscard]] std::size_t answer_bytes() const noexcept;
    [[nodiscard]] std::size_t excess_bytes() const noexcept;
    void put(Answer&& answer);
    [[nodiscard]] Answer take() noexcept;
  };
  struct Numbered {
    std::uint64_t request = 0;
    Place* place = nullptr;  ///< null: there is none
  };

  OpenRequests() = default;
  OpenRequests(const OpenRequests&) = default;
  OpenRequests& operator=(const OpenRequests&) = default;

  /// Answers the open request at this place.
  void fill(std::uint64_t request, Place& place, Answer&& answer);
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }  ///< one past the last request

 private:
  /// An empty place for request `end()`.
  virtual Place& add() = 0;
  /// Null: there is none.
  [[nodiscard]] virtual Place* find(std::uint64_t request) noexcept = 0;
  [[nodiscard]] const Place* find(std::uint64_t request) const noexcept {
    return const_cast<OpenRequests*>(this)->find(request);  // which changes nothing
  }
  /// This one has its answer now.
  virtual void filled(std::uint64_t request) = 0;
  /// The place whose answer leaves next.
  [[nodiscard]] virtual Numbered first() noexcept = 0;
  /// Takes out what is the next to leave, without an answer by now.
  virtual void drop(std::uint64_t request) = 0;

  std::uint64_t end_ = 1;
  std::uint64_t taken_ = 0;
  Time last_deadline_{};
  std::size_t open_ = 0;
  std::size_t places_ = 0;
  std::size_t bytes_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t excess_bytes_ = 0;
};

}  // namespace skep
