#pragma once
// Records that nobody could process, with the reason: kept for a person to look at, and to be tried again.
//
// Bounded in records and bytes; when full, the oldest go, counted. A record that is taken for another try and comes
// back keeps its count of attempts. Lifetime: one per swarm, outlived by nothing that uses it (bees hold it shared).
// Threads: any. Bees of all threads put in what they lost, people look at it from others: every call takes one lock,
// for a few map operations, `list` for at most one page's records. It is taken only where a record was lost, so bees
// that work share nothing. Time: whoever puts a letter in brings it.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "skep/actors/limits.hpp"
#include "skep/serialization/errc.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

enum class DeadLetterId : std::uint64_t {};

struct DeadLetter {
  DeadLetterId id{};
  Record record;
  std::string bee;
  std::uint32_t replica = 0;
  errc code = errc::bee_failed;
  std::string reason;          ///< cut at limits::message_bytes_max
  EventTime at{};              ///< when it died last
  std::uint32_t attempts = 1;  ///< how often it has died
};

struct DeadLetterSettings {
  std::size_t records_max = limits::dead_letters_max;
  std::size_t bytes_max = limits::dead_letter_bytes_max;  ///< of memory that the letters keep alive
};

class DeadLetters {
 public:
  /// What a list shows; an empty field matches all.
  struct Filter {
    std::string bee{};
    std::optional<errc> code{};
    std::string reason_part{};
    std::optional<EventTime> since{};
    std::optional<EventTime> until{};  ///< exclusive
  };
  /// In the order in which they died.
  struct Page {
    std::vector<DeadLetter> letters;
    std::optional<DeadLetterId> next;  ///< pass as `after` for what follows; nothing at the end
  };
  struct Counts {
    std::uint64_t added = 0;
    std::uint64_t evicted = 0;  ///< gone because it was full
    std::uint64_t taken = 0;    ///< to be tried again
    std::size_t records = 0;    ///< here now
    std::size_t bytes = 0;
  };

  explicit DeadLetters(DeadLetterSettings settings = {}) : settings_(settings) {}

  /// Gives the letter its id and its attempts. One that alone is over the limit of bytes is not kept, only counted.
  DeadLetterId add(DeadLetter letter);
  /// At most `letters_max` of them, and at most limits::dead_letter_page_max; looks at no more than
  /// limits::dead_letter_scan_max, so a page may be short of matches and still have a next one.
  [[nodiscard]] Page list(const Filter& filter, std::optional<DeadLetterId> after = std::nullopt,
                          std::size_t letters_max = limits::dead_letter_page_max) const;
  /// Takes a letter out, to be given to its bee again. Nothing if it is not there any more.
  [[nodiscard]] std::optional<DeadLetter> take(DeadLetterId id);
  /// Undoes `take`: the letter's bee would not have it. It is the first to go if there is no room any more.
  void put_back(DeadLetter letter);
  [[nodiscard]] Counts counts() const;
  [[nodiscard]] const DeadLetterSettings& settings() const noexcept { return settings_; }

 private:
  using Tried = std::pair<std::string, RecordId>;  ///< bee and record
  struct LessTried {
    bool operator()(const Tried& a, const Tried& b) const noexcept;
  };

  [[nodiscard]] std::uint32_t attempts_of(const DeadLetter& letter);
  void remember(const DeadLetter& letter);
  void evict_oldest();

  const DeadLetterSettings settings_;
  mutable std::mutex mutex_;
  std::map<DeadLetterId, DeadLetter> letters_;
  /// Attempts of those that were taken and may come back; as many as letters at most, the oldest go.
  std::map<Tried, std::pair<std::uint32_t, std::uint64_t>, LessTried> tried_;  ///< with their number in `tried_order_`
  std::map<std::uint64_t, Tried> tried_order_;
  std::uint64_t last_id_ = 0, last_tried_ = 0;
  Counts counts_;
};

/// Memory that a letter keeps alive.
[[nodiscard]] std::size_t bytes_of(const DeadLetter& letter) noexcept;

}  // namespace skep
