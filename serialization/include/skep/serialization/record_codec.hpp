#pragma once
// Records to bytes and back, a batch at a time, as Cap'n Proto (schema/record.capnp). For links and disks.

#include <cstdint>
#include <span>
#include <vector>

#include "skep/serialization/record.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// What crosses an edge between two nodes.
struct Envelope {
  std::uint32_t edge = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;   ///< of the first record
  std::vector<Record> records;  ///< at most limits::batch_records_max
};

/// One flat message, 8-aligned, padded to words. `now` turns deadlines into remaining time.
/// Precondition (asserted): all together less than 4 GiB.
[[nodiscard]] Buffer encode(const Envelope& envelope, Deadline now);

/// Payloads of 1 KiB and more stay slices of `frame`, which they keep alive; smaller ones are copied.
/// Errors: `errc::bad_record` for whatever is not such a message within the limits.
[[nodiscard]] Result<Envelope> decode(const Buffer& frame, Deadline now);

}  // namespace skep
