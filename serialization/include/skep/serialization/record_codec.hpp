#pragma once
// Records to bytes and back, as a list inside a larger Cap'n Proto message (schema/record.capnp). For links and disks.
//
// The payloads come behind all the rest: their memory need not be zeroed first, and small parts share cache lines. So
// the list is the last thing that is written into its message.

#include <capnp/list.h>

#include <span>
#include <vector>

#include "skep/serialization/flat_message.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

namespace wire {
struct Record;
}

/// What generated code calls capnp::List<wire::Record>.
using RecordList = capnp::List<wire::Record, capnp::Kind::STRUCT>;

/// Of a list of `records` in a message. An empty one is left out.
[[nodiscard]] MessageSize size_of(std::span<const Record> records);

/// `out` has as many. `now` turns deadlines into remaining time.
void write_records(std::span<const Record> records, Deadline now, RecordList::Builder out);

/// Payloads of 1 KiB and more stay slices of `frame`, whose message this is, and keep it alive; smaller ones are
/// copied. Throws BadRecord for what is over a limit or no record and, as getters do, kj::Exception.
[[nodiscard]] std::vector<Record> read_records(RecordList::Reader in, const Buffer& frame, Deadline now);

}  // namespace skep
