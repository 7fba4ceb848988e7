#pragma once
// What a bench has counted. Pure.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "bench/latency_histogram.hpp"

namespace skep::bench {

/// An answer that is one, in the server's words.
struct LoadError {
  std::string code;
  std::string message;
};

/// Of the requests that were due in the time that counts. Each is in one of `answered`, `errors`, `timeouts`, `lost`
/// and `open`.
struct LoadFigures {
  using Duration = std::chrono::nanoseconds;

  std::uint64_t requests = 0;                   ///< that were due
  std::uint64_t sent = 0;                       ///< those for which there was room in time
  std::uint64_t answered = 0;                   ///< with no error
  std::map<std::string, std::uint64_t> errors;  ///< answers that are one, by code; limits::bench_error_codes_max
  LoadError first_error;                        ///< of these
  std::uint64_t timeouts = 0;
  std::uint64_t lost = 0;  ///< their connection ended before the answer
  std::uint64_t open = 0;  ///< neither, when the bench was stopped early

  std::uint64_t connections_lost = 0;
  std::string lost_why;                              ///< of the first of them
  std::uint64_t connects_failed = 0;                 ///< attempts to make one anew
  std::string connect_why;                           ///< of the first of them
  std::uint64_t warm_up_unanswered = 0;              ///< requests before the time that counts: no answer by its end
  std::uint64_t unasked = 0;                         ///< messages that were no answers
  std::uint64_t bytes_sent = 0, bytes_received = 0;  ///< of payloads, without frames

  std::uint64_t late = 0;  ///< sent more than limits::bench_late_max after both were there: its time and room for it
  Duration late_by{};      ///< the longest of these
  std::uint64_t without_room = 0;  ///< were due when no client had room

  Duration duration{};       ///< of the time that counts
  Duration elapsed{};        ///< from its beginning to the last answer: the same, or longer
  LatencyHistogram latency;  ///< of `answered`

  [[nodiscard]] std::uint64_t error_answers() const noexcept;
  [[nodiscard]] std::uint64_t failed() const noexcept { return error_answers() + timeouts + lost; }
  [[nodiscard]] double rate_offered() const noexcept;   ///< a second
  [[nodiscard]] double rate_achieved() const noexcept;  ///< the same, of `answered`
  void add_error(const LoadError& error);
};

/// Whether so much was borne: answers kept up with the requests, 95 in the time of 100, and the p99 of all requests,
/// those that failed taken as unending, is at most `p99`.
[[nodiscard]] bool holds(const LoadFigures& figures, LoadFigures::Duration p99);

}  // namespace skep::bench
