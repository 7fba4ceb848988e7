#pragma once
// Records to bytes and back, as a struct inside a larger Cap'n Proto message (schema/record.capnp). For links and
// disks.
//
// Keys and payloads stand one after the other behind all the rest: so a record costs no pointers and hardly any
// padding, and the memory need not be zeroed first. The struct is the last thing that is written into its message.

#include <capnp/any.h>

#include <span>
#include <vector>

#include "skep/serialization/flat_message.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// What some records take in a message.
struct RecordsSize {
  MessageSize words;      ///< with the struct itself
  unsigned commons = 0;   ///< how often what records have alike changes
  unsigned mores = 0;     ///< records with a root, trace or headers of their own
  std::size_t bytes = 0;  ///< of all keys and payloads
};

[[nodiscard]] RecordsSize size_of(std::span<const Record> records);

/// At most limits::batch_records_max records, with less than 512 MiB of keys and payloads (asserted).
/// `out` is an empty wire::Records, and `size` that of the same records. `now` turns deadlines into remaining time.
void write_records(std::span<const Record> records, const RecordsSize& size, Deadline now,
                   capnp::AnyStruct::Builder out);

/// `in` is a wire::Records. Payloads of 1 KiB and more stay slices of `frame`, whose message this is, and keep it
/// alive; smaller ones are copied. Throws BadRecord for what is over a limit or no record and, as getters do,
/// kj::Exception.
[[nodiscard]] std::vector<Record> read_records(capnp::AnyStruct::Reader in, const Buffer& frame, Deadline now);

}  // namespace skep
