#include "skep/serialization/record_codec.hpp"

#include <capnp/message.h>

#include <cassert>
#include <cstring>

#include "limit_error.hpp"
#include "skep/schema/record.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/malformed.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace {

/// Smaller payloads are copied: a slice keeps the whole frame alive.
constexpr std::size_t sliced_bytes_min = 1024;
constexpr std::size_t table_words = 1;

template <class T>
constexpr std::size_t struct_words = T::_capnpPrivate::dataWordSize + T::_capnpPrivate::pointerCount;

constexpr std::size_t words_for(std::size_t bytes) noexcept {
  return (bytes + sizeof(capnp::word) - 1) / sizeof(capnp::word);
}

// Sizes. A part that is all zero, as a trace often is, is left out: its reader sees zeros.

std::size_t header_words(const Headers& headers) {
  if (headers.empty()) return 0;
  std::size_t words = 1;
  headers.each([&](std::string_view name, std::string_view value) {
    words += struct_words<wire::NamedValue> + words_for(name.size() + 1) + words_for(value.size() + 1);
  });
  return words;
}

std::size_t record_words(const RecordHeader& header) {
  auto words = struct_words<wire::Record> + words_for(header.key.size()) + header_words(header.headers);
  if (header.root != RecordId{}) words += struct_words<wire::Id>;
  if (header.id != RecordId{}) words += struct_words<wire::Id>;
  if (header.origin != Origin{}) words += struct_words<wire::Origin>;
  if (header.trace != Trace{}) words += struct_words<wire::Trace>;
  return words;
}

struct Size {
  std::size_t front = 0;     ///< words of everything but payloads
  std::size_t payloads = 0;  ///< words
};

Size size_of(const Envelope& envelope) {
  Size size{table_words + 1 + struct_words<wire::Envelope> + 1, 0};
  for (const auto& record : envelope.records) {
    size.front += record_words(record.header());
    size.payloads += words_for(record.size());
  }
  return size;
}

// Writing.

std::int64_t remaining(Deadline deadline, Deadline now) {
  if (deadline == no_deadline) return INT64_MAX;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
}

void write_id(RecordId id, wire::Id::Builder out) {
  out.setHigh(id.high);
  out.setLow(id.low);
}

void write_origin(const Origin& origin, wire::Origin::Builder out) {
  out.setNode(origin.node);
  out.setGateway(origin.gateway);
  out.setIncarnation(origin.incarnation);
  out.setSession(origin.session);
  out.setRequest(origin.request);
}

void write_trace(const Trace& trace, wire::Trace::Builder out) {
  out.setTraceHigh(trace.trace_high);
  out.setTraceLow(trace.trace_low);
  out.setSpan(trace.span);
  out.setFlags(trace.flags);
}

template <class Builder>
void copy_into(Builder out, std::string_view text) {
  if (!text.empty()) std::memcpy(out.begin(), text.data(), text.size());
}

unsigned count_of(std::string_view text) noexcept {
  return static_cast<unsigned>(text.size());
}

void write_headers(const Headers& headers, wire::Record::Builder out) {
  if (headers.empty()) return;
  unsigned count = 0;
  headers.each([&](std::string_view, std::string_view) { ++count; });
  auto list = out.initHeaders(count);
  unsigned next = 0;
  headers.each([&](std::string_view name, std::string_view value) {
    auto entry = list[next++];
    copy_into(entry.initName(count_of(name)), name);
    copy_into(entry.initValue(count_of(value)), value);
  });
}

void write_front(const RecordHeader& header, Deadline now, wire::Record::Builder out) {
  if (header.root != RecordId{}) write_id(header.root, out.initRoot());
  if (header.id != RecordId{}) write_id(header.id, out.initId());
  if (!header.key.empty()) copy_into(out.initKey(count_of(header.key)), header.key);
  out.setEventTimeNs(header.event_time.time_since_epoch().count());
  out.setDeadlineRemainingNs(remaining(header.deadline, now));
  if (header.origin != Origin{}) write_origin(header.origin, out.initOrigin());
  if (header.trace != Trace{}) write_trace(header.trace, out.initTrace());
  write_headers(header.headers, out);
  out.setContent(static_cast<wire::ContentKind>(header.content.kind));
  out.setSchema(header.content.schema);
  out.setRevision(header.revision);
}

/// The memory of a payload was not zeroed: its last word may not be all payload.
void write_payload(std::span<const std::byte> bytes, wire::Record::Builder out) {
  if (bytes.empty()) return;
  auto* target = reinterpret_cast<std::byte*>(out.initPayload(static_cast<unsigned>(bytes.size())).begin());
  std::memset(target + (words_for(bytes.size()) - 1) * sizeof(capnp::word), 0, sizeof(capnp::word));
  std::memcpy(target, bytes.data(), bytes.size());
}

// Reading.

[[noreturn]] void refuse(const std::string& what) {
  throw BadRecord(what);
}

Deadline deadline_after(std::int64_t remaining_ns, Deadline now) {
  if (remaining_ns == INT64_MAX) return no_deadline;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(now.time_since_epoch().count(), remaining_ns, &sum)) {
    return remaining_ns > 0 ? no_deadline : Deadline::min();
  }
  return Deadline(std::chrono::nanoseconds(sum));
}

RecordId read_id(wire::Id::Reader in) {
  return {in.getHigh(), in.getLow()};
}

Origin read_origin(wire::Origin::Reader in) {
  return {in.getNode(), in.getGateway(), in.getIncarnation(), in.getSession(), in.getRequest()};
}

Trace read_trace(wire::Trace::Reader in) {
  return {in.getTraceHigh(), in.getTraceLow(), in.getSpan(), in.getFlags()};
}

Content read_content(wire::Record::Reader in) {
  const auto kind = static_cast<std::uint16_t>(in.getContent());
  if (kind > static_cast<std::uint16_t>(ContentKind::error)) refuse("content of unknown kind " + std::to_string(kind));
  const Content content{static_cast<ContentKind>(kind), in.getSchema()};
  if (content.schema != 0 && content.kind != ContentKind::capnp) refuse("a schema beside content that has none");
  return content;
}

std::string_view text_of(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

HeaderBuilder read_headers(capnp::List<wire::NamedValue>::Reader in) {
  if (in.size() > limits::header_count_max) {
    refuse(over_limit("the record", in.size(), "header_count_max", limits::header_count_max, "headers"));
  }
  HeaderBuilder headers;
  for (const auto entry : in) {
    const auto problem = headers.add(text_of(entry.getName()), text_of(entry.getValue()));
    if (problem == errc::too_large) {
      refuse("the headers are larger than header_bytes_max, which is " + std::to_string(limits::header_bytes_max) +
             " bytes");
    }
    if (problem) refuse("a header without a name, or with a NUL in it");
  }
  return headers;
}

Payload read_payload(wire::Record::Reader in, const Buffer& frame) {
  const auto data = in.getPayload();
  const auto bytes = std::as_bytes(std::span(data.begin(), data.size()));
  const auto content = read_content(in);
  return bytes.size() < sliced_bytes_min ? Payload::borrow(bytes, content) : Payload::share(frame, bytes, content);
}

Record read_record(wire::Record::Reader in, const Buffer& frame, Deadline now) {
  const auto headers = in.hasHeaders() ? read_headers(in.getHeaders()) : HeaderBuilder();
  const auto key = in.getKey();
  RecordHeader header;
  header.root = read_id(in.getRoot());
  header.id = read_id(in.getId());
  header.key = {reinterpret_cast<const char*>(key.begin()), key.size()};
  header.event_time = EventTime(std::chrono::nanoseconds(in.getEventTimeNs()));
  header.deadline = deadline_after(in.getDeadlineRemainingNs(), now);
  if (in.hasTrace()) header.trace = read_trace(in.getTrace());
  header.headers = headers.view();
  header.origin = read_origin(in.getOrigin());
  header.revision = in.getRevision();
  return Record(header, read_payload(in, frame));
}

Envelope read_envelope(const Buffer& frame, Deadline now) {
  const auto words = message_words(frame.bytes());
  capnp::FlatArrayMessageReader message(words, reader_options(words.size()));
  const auto root = message.getRoot<wire::Envelope>();
  const auto records = root.getRecords();
  if (records.size() > limits::batch_records_max) {
    refuse(over_limit("the batch", records.size(), "batch_records_max", limits::batch_records_max, "records"));
  }
  Envelope envelope{root.getEdge(), root.getEpoch(), root.getSequence(), {}};
  envelope.records.reserve(records.size());
  for (const auto record : records) envelope.records.push_back(read_record(record, frame, now));
  return envelope;
}

}  // namespace

/// Payloads come last, so that their memory need not be zeroed first, and small parts share cache lines.
Buffer encode(const Envelope& envelope, Deadline now) {
  assert(envelope.records.size() <= limits::batch_records_max);
  const auto size = size_of(envelope);
  const auto words = size.front + size.payloads;
  assert(words < std::size_t{1} << 29);  // Cap'n Proto's largest segment: 4 GiB
  auto frame = Buffer::allocate(words * sizeof(capnp::word));
  auto* memory = reinterpret_cast<capnp::word*>(frame.writable().data());
  std::memset(static_cast<void*>(memory), 0, size.front * sizeof(capnp::word));
  const std::uint32_t table[] = {0, static_cast<std::uint32_t>(words - table_words)};
  std::memcpy(static_cast<void*>(memory), table, sizeof table);

  capnp::FlatMessageBuilder message(kj::arrayPtr(memory + table_words, words - table_words));
  auto root = message.initRoot<wire::Envelope>();
  root.setEdge(envelope.edge);
  root.setEpoch(envelope.epoch);
  root.setSequence(envelope.sequence);
  auto records = root.initRecords(static_cast<unsigned>(envelope.records.size()));
  for (unsigned i = 0; i < records.size(); ++i) write_front(envelope.records[i].header(), now, records[i]);
  for (unsigned i = 0; i < records.size(); ++i) write_payload(envelope.records[i].bytes(), records[i]);
  message.requireFilled();
  return frame;
}

Result<Envelope> decode(const Buffer& frame, Deadline now) {
  try {
    return read_envelope(frame, now);
  } catch (const kj::Exception&) {
    return Error{errc::bad_record, std::string("malformed envelope: ") + why_malformed};
  } catch (const BadRecord& problem) {
    return Error{errc::bad_record, std::string("malformed envelope: ") + problem.what()};
  }
}

}  // namespace skep
