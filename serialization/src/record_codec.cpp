#include "skep/serialization/record_codec.hpp"

#include <cassert>
#include <cstring>

#include "skep/schema/record.capnp.h"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

/// Smaller payloads are copied: a slice keeps the whole frame alive. And written beside their record: what is larger
/// stands behind everything else, in memory that is not zeroed.
constexpr std::size_t sliced_bytes_min = 1024;

bool is_large(const Record& record) noexcept {
  return record.size() >= sliced_bytes_min;
}

// What many records of a list have alike is written with the first of them only.

/// Of what the encoder has written last, or the decoder has read last; before that what a record has by default.
struct Common {
  EventTime event_time{};
  Deadline deadline = no_deadline;
  std::uint64_t incarnation = 0;
  std::uint32_t node = 0, gateway = 0;
  Content content;
  std::uint32_t revision = 0;

  friend bool operator==(const Common&, const Common&) = default;
};

Common common_of(const RecordHeader& header) noexcept {
  const auto& origin = header.origin;
  return {header.event_time, header.deadline, origin.incarnation, origin.node,
          origin.gateway,    header.content,  header.revision};
}

bool has_more(const RecordHeader& header) noexcept {
  return header.root != header.id || header.trace != Trace{} || !header.headers.empty();
}

// Sizes.

std::size_t header_words(const Headers& headers) {
  if (headers.empty()) return 0;
  auto words = list_tag_words;
  headers.each([&](std::string_view name, std::string_view value) {
    words += struct_words<wire::NamedValue> + text_words(name.size()) + text_words(value.size());
  });
  return words;
}

std::size_t more_words(const RecordHeader& header) {
  const auto trace = header.trace != Trace{} ? struct_words<wire::Trace> : 0;
  return struct_words<wire::RecordMore> + trace + header_words(header.headers);
}

std::size_t record_words(const RecordHeader& header) {
  return struct_words<wire::Record> + words_for(header.key.size()) + (has_more(header) ? more_words(header) : 0);
}

// Writing.

std::int64_t remaining(Deadline deadline, Deadline now) {
  if (deadline == no_deadline) return INT64_MAX;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
}

void write_common(const Common& common, Deadline now, wire::RecordCommon::Builder out) {
  out.setEventTimeNs(common.event_time.time_since_epoch().count());
  out.setDeadlineRemainingNs(remaining(common.deadline, now));
  out.setIncarnation(common.incarnation);
  out.setNode(common.node);
  out.setGateway(common.gateway);
  out.setSchema(common.content.schema);
  out.setContent(static_cast<wire::ContentKind>(common.content.kind));
  out.setRevision(common.revision);
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

void write_headers(const Headers& headers, wire::RecordMore::Builder out) {
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

template <class Group>
void write_id(RecordId id, Group out) {
  out.setHigh(id.high);
  out.setLow(id.low);
}

void write_more(const RecordHeader& header, wire::RecordMore::Builder out) {
  write_id(header.root, out.getRoot());
  if (header.trace != Trace{}) write_trace(header.trace, out.initTrace());
  write_headers(header.headers, out);
}

void write_front(const RecordHeader& header, wire::Record::Builder out) {
  write_id(header.id, out.getId());
  out.setSession(header.origin.session);
  out.setRequest(header.origin.request);
  if (!header.key.empty()) copy_into(out.initKey(count_of(header.key)), header.key);
  if (has_more(header)) write_more(header, out.initMore());
}

std::byte* payload_of(std::size_t bytes, wire::Record::Builder out) {
  return reinterpret_cast<std::byte*>(out.initPayload(static_cast<unsigned>(bytes)).begin());
}

void write_small_payload(std::span<const std::byte> bytes, wire::Record::Builder out) {
  if (!bytes.empty()) std::memcpy(payload_of(bytes.size(), out), bytes.data(), bytes.size());
}

/// The memory was not zeroed: its last word may not be all payload.
void write_large_payload(std::span<const std::byte> bytes, wire::Record::Builder out) {
  auto* target = payload_of(bytes.size(), out);
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

template <class Group>
RecordId read_id(Group in) {
  return {in.getHigh(), in.getLow()};
}

Trace read_trace(wire::Trace::Reader in) {
  return {in.getTraceHigh(), in.getTraceLow(), in.getSpan(), in.getFlags()};
}

Content read_content(wire::RecordCommon::Reader in) {
  const auto kind = static_cast<std::uint16_t>(in.getContent());
  if (kind > static_cast<std::uint16_t>(ContentKind::error)) refuse("content of unknown kind " + std::to_string(kind));
  const Content content{static_cast<ContentKind>(kind), in.getSchema()};
  if (content.schema != 0 && content.kind != ContentKind::capnp) refuse("a schema beside content that has none");
  return content;
}

void read_common(wire::RecordCommon::Reader in, Deadline now, RecordHeader& header) {
  header.event_time = EventTime(std::chrono::nanoseconds(in.getEventTimeNs()));
  header.deadline = deadline_after(in.getDeadlineRemainingNs(), now);
  header.origin.incarnation = in.getIncarnation();
  header.origin.node = in.getNode();
  header.origin.gateway = in.getGateway();
  header.content = read_content(in);
  header.revision = in.getRevision();
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

Payload read_payload(capnp::Data::Reader data, const Content& content, const Buffer& frame) {
  const auto bytes = std::as_bytes(std::span(data.begin(), data.size()));
  return bytes.size() < sliced_bytes_min ? Payload::borrow(bytes, content) : Payload::share(frame, bytes, content);
}

Record read_with_more(RecordHeader header, wire::RecordMore::Reader more, const Payload& payload) {
  const auto headers = more.hasHeaders() ? read_headers(more.getHeaders()) : HeaderBuilder();
  header.root = read_id(more.getRoot());
  if (more.hasTrace()) header.trace = read_trace(more.getTrace());
  header.headers = headers.view();
  return Record(header, payload);
}

/// `header` is what was read of the records before it.
Record read_record(wire::Record::Reader in, RecordHeader& header, const Buffer& frame, Deadline now) {
  if (in.hasCommon()) read_common(in.getCommon(), now, header);
  header.root = header.id = read_id(in.getId());
  header.origin.session = in.getSession();
  header.origin.request = in.getRequest();
  header.key = {};
  if (in.hasKey()) {
    const auto key = in.getKey();
    header.key = {reinterpret_cast<const char*>(key.begin()), key.size()};
  }
  const auto payload = read_payload(in.getPayload(), header.content, frame);
  return in.hasMore() ? read_with_more(header, in.getMore(), payload) : Record(header, payload);
}

}  // namespace

MessageSize size_of(std::span<const Record> records) {
  if (records.empty()) return {};
  MessageSize size{list_tag_words, 0};
  Common common;
  for (const auto& record : records) {
    const auto& header = record.header();
    size.front += record_words(header);
    if (const auto own = common_of(header); own != common) {
      size.front += struct_words<wire::RecordCommon>;
      common = own;
    }
    (is_large(record) ? size.payloads : size.front) += words_for(record.size());
  }
  return size;
}

void write_records(std::span<const Record> records, Deadline now, RecordList::Builder out) {
  assert(records.size() == out.size() && records.size() <= limits::batch_records_max);
  Common common;
  for (unsigned i = 0; i < out.size(); ++i) {
    const auto& header = records[i].header();
    auto record = out[i];
    if (const auto own = common_of(header); own != common) write_common(common = own, now, record.initCommon());
    write_front(header, record);
    if (!is_large(records[i])) write_small_payload(records[i].bytes(), record);
  }
  for (unsigned i = 0; i < out.size(); ++i) {
    if (is_large(records[i])) write_large_payload(records[i].bytes(), out[i]);
  }
}

std::vector<Record> read_records(RecordList::Reader in, const Buffer& frame, Deadline now) {
  if (in.size() > limits::batch_records_max) {
    refuse(over_limit("the batch", in.size(), "batch_records_max", limits::batch_records_max, "records"));
  }
  std::vector<Record> records;
  records.reserve(in.size());
  RecordHeader header;
  for (const auto record : in) records.push_back(read_record(record, header, frame, now));
  return records;
}

}  // namespace skep
