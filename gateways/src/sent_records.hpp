#pragma once
// Which records of a gateway that sends out have gone to a peer, and which of them no peer will get any more. Pure.
//
// Records are numbered from 0 as they are handed out, each to all sessions that take records then. One is sent once
// the first session has written it. One that nobody has written, and nobody has to write any more, is written off.
// Kept are runs of records that are alike: memory follows the sessions that differ in their progress, not the records.
// Threads: the gateway's.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skep {

class SentRecords {
 public:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;  ///< one past the last
    friend bool operator==(Range, Range) = default;
  };
  using Ranges = std::vector<Range>;

  /// What one session has to write: without a gap, so it takes each record until it takes none for good (asserted).
  struct Share {
    std::uint64_t written = 0;  ///< all before it
    std::uint64_t handed = 0;   ///< one past the last that it has

    [[nodiscard]] std::uint64_t owed() const noexcept { return handed - written; }
  };

  /// One more record goes out, to so many sessions, at least one; each of them takes it.
  void hand_out(std::size_t sessions);
  void take(Share& share) const;
  /// The session has written so many more of its share. Returns those that are sent by that. As all that is returned
  /// here: in order, until the next call.
  [[nodiscard]] const Ranges& written(Share& share, std::uint64_t count);
  /// The session will never write so many more of its share. Returns those that are written off by that.
  [[nodiscard]] const Ranges& dropped(Share& share, std::uint64_t count);
  /// The session has ended.
  [[nodiscard]] const Ranges& left(Share& share) { return dropped(share, share.owed()); }

  [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }  ///< what it keeps

 private:
  /// Records that are alike, up to the next run.
  struct Run {
    std::uint64_t first = 0;
    std::size_t owed = 0;  ///< by so many sessions
    bool sent = false;     ///< or written off: nobody asks any more
  };

  [[nodiscard]] std::size_t split(std::uint64_t at);
  [[nodiscard]] std::uint64_t end_of(std::size_t run) const noexcept;
  void settle(Share& share, std::uint64_t count, bool sent);
  void join(std::size_t from, std::size_t to);

  std::uint64_t next_ = 0;  ///< number of the next record
  std::vector<Run> runs_;   ///< from the first that a session owes
  Ranges found_;
};

[[nodiscard]] std::uint64_t count_of(const SentRecords::Ranges& ranges) noexcept;

}  // namespace skep
