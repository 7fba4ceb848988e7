#include "skep/serialization/record_codec.hpp"

#include <cassert>
#include <cstring>

#include "capnp_text.hpp"
#include "skep/schema/record.capnp.h"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

/// Smaller payloads are copied: a slice keeps the whole frame alive.
constexpr std::size_t sliced_bytes_min = 1024;
constexpr std::size_t data_bytes_end = std::size_t{1} << 29;  ///< what Cap'n Proto has no list for
static_assert(limits::batch_records_max <= UINT16_MAX);       // what `first` and `record` have room for

/// Where a payload of `size` bytes begins, which could be at `at`: slices are 8-aligned, as Cap'n Proto messages are.
constexpr std::size_t payload_at(std::size_t at, std::size_t size) noexcept {
  return size < sliced_bytes_min ? at : words_for(at) * sizeof(capnp::word);
}

// What many records have alike is written with the first of them only.

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

void write_head(const Record& record, wire::RecordHead::Builder out) {
  const auto& header = record.header();
  write_id(header.id, out.getId());
  out.setSession(header.origin.session);
  out.setRequest(header.origin.request);
  out.setKeyBytes(count_of(header.key));
  out.setPayloadBytes(static_cast<unsigned>(record.size()));
}

void write_heads(std::span<const Record> records, capnp::List<wire::RecordHead>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i) write_head(records[i], out[i]);
}

void write_commons(std::span<const Record> records, Deadline now, capnp::List<wire::RecordCommon>::Builder out) {
  Common common;
  unsigned next = 0;
  for (std::size_t i = 0; next < out.size(); ++i) {
    const auto own = common_of(records[i].header());
    if (own == common) continue;
    out[next].setFirst(static_cast<std::uint16_t>(i));
    write_common(common = own, now, out[next++]);
  }
}

void write_mores(std::span<const Record> records, capnp::List<wire::RecordMore>::Builder out) {
  unsigned next = 0;
  for (std::size_t i = 0; next < out.size(); ++i) {
    if (!has_more(records[i].header())) continue;
    out[next].setRecord(static_cast<std::uint16_t>(i));
    write_more(records[i].header(), out[next++]);
  }
}

/// The memory was not zeroed: gaps and the last word are filled up.
void write_bytes(std::span<const Record> records, std::span<std::byte> out) {
  std::size_t at = 0;
  const auto add = [&](std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  const auto fill_to = [&](std::size_t end) {
    if (at < end) std::memset(out.data() + at, 0, end - at);
    at = end;
  };
  for (const auto& record : records) {
    add(std::as_bytes(std::span(record.key())));
    fill_to(payload_at(at, record.size()));
    add(record.bytes());
  }
  fill_to(words_for(at) * sizeof(capnp::word));
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

HeaderBuilder read_headers(capnp::List<wire::NamedValue>::Reader in) {
  if (in.size() > limits::header_count_max) {
    refuse(over_limit("the record", in.size(), "header_count_max", limits::header_count_max, "headers"));
  }
  HeaderBuilder headers;
  for (const auto entry : in) {
    const auto problem = headers.add(view(entry.getName()), view(entry.getValue()));
    if (problem == errc::too_large) {
      refuse("the headers are larger than header_bytes_max, which is " + std::to_string(limits::header_bytes_max) +
             " bytes");
    }
    if (problem) refuse("a header without a name, or with a NUL in it");
  }
  return headers;
}

/// The keys and payloads of records, one after the other.
class BytesReader {
 public:
  BytesReader(capnp::Data::Reader data, const Buffer& frame)
      : bytes_(std::as_bytes(std::span(data.begin(), data.size()))), frame_(frame) {}

  std::string_view key(std::size_t size) {
    const auto bytes = next(at_, size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  Payload payload(std::size_t size, const Content& content) {
    const auto bytes = next(payload_at(at_, size), size);
    return size < sliced_bytes_min ? Payload::borrow(bytes, content) : Payload::share(frame_, bytes, content);
  }
  [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }

 private:
  std::span<const std::byte> next(std::size_t from, std::size_t size) {
    if (from > bytes_.size() || size > bytes_.size() - from) refuse("records with more bytes than there are");
    at_ = from + size;
    return bytes_.subspan(from, size);
  }

  std::span<const std::byte> bytes_;
  const Buffer& frame_;
  std::size_t at_ = 0;
};

/// Elements of a list that stand beside some of the records, in their order.
template <class T, std::uint16_t (T::Reader::*number)() const>
class BesideReader {
 public:
  explicit BesideReader(typename capnp::List<T>::Reader list) : list_(list) { find(); }

  [[nodiscard]] bool is_of(std::size_t record) const noexcept { return record == record_; }
  typename T::Reader take() {
    const auto taken = list_[next_++];
    find();
    return taken;
  }
  [[nodiscard]] bool at_end() const noexcept { return next_ == list_.size(); }

 private:
  void find() { record_ = at_end() ? SIZE_MAX : (list_[next_].*number)(); }

  typename capnp::List<T>::Reader list_;
  unsigned next_ = 0;
  std::size_t record_ = SIZE_MAX;  ///< whose the next one is
};

Record read_with_more(RecordHeader header, wire::RecordMore::Reader more, const Payload& payload) {
  const auto headers = more.hasHeaders() ? read_headers(more.getHeaders()) : HeaderBuilder();
  header.root = read_id(more.getRoot());
  if (more.hasTrace()) header.trace = read_trace(more.getTrace());
  header.headers = headers.view();
  return Record(header, payload);
}

class RecordsReader {
 public:
  RecordsReader(wire::Records::Reader in, const Buffer& frame, Deadline now)
      : heads_(in.getHeads()),
        bytes_(in.getBytes(), frame),
        commons_(in.getCommons()),
        mores_(in.getMores()),
        now_(now) {
    if (heads_.size() <= limits::batch_records_max) return;
    refuse(over_limit("the batch", heads_.size(), "batch_records_max", limits::batch_records_max, "records"));
  }

  std::vector<Record> read() {
    std::vector<Record> records;
    records.reserve(heads_.size());
    for (unsigned i = 0; i < heads_.size(); ++i) records.push_back(next(heads_[i], i));
    if (!bytes_.at_end()) refuse("bytes that belong to no record");
    if (!commons_.at_end() || !mores_.at_end()) refuse("what belongs to no record, or not to the next one");
    return records;
  }

 private:
  Record next(wire::RecordHead::Reader in, std::size_t number) {
    if (commons_.is_of(number)) read_common(commons_.take(), now_, header_);
    header_.root = header_.id = read_id(in.getId());
    header_.origin.session = in.getSession();
    header_.origin.request = in.getRequest();
    header_.key = bytes_.key(in.getKeyBytes());
    const auto payload = bytes_.payload(in.getPayloadBytes(), header_.content);
    return mores_.is_of(number) ? read_with_more(header_, mores_.take(), payload) : Record(header_, payload);
  }

  capnp::List<wire::RecordHead>::Reader heads_;
  BytesReader bytes_;
  BesideReader<wire::RecordCommon, &wire::RecordCommon::Reader::getFirst> commons_;
  BesideReader<wire::RecordMore, &wire::RecordMore::Reader::getRecord> mores_;
  Deadline now_;
  RecordHeader header_;  ///< with what was read of the records before
};

}  // namespace

RecordsSize size_of(std::span<const Record> records) {
  RecordsSize size{{struct_words<wire::Records>, 0}};
  if (records.empty()) return size;
  Common common;
  for (const auto& record : records) {
    const auto& header = record.header();
    if (const auto own = common_of(header); own != common) {
      common = own;
      ++size.commons;
    }
    if (has_more(header)) {
      size.words.front += more_words(header);
      ++size.mores;
    }
    size.bytes = payload_at(size.bytes + header.key.size(), record.size()) + record.size();
  }
  size.words.front += list_tag_words + records.size() * struct_words<wire::RecordHead>;
  if (size.commons > 0) size.words.front += list_tag_words + size.commons * struct_words<wire::RecordCommon>;
  if (size.mores > 0) size.words.front += list_tag_words;
  size.words.payloads = words_for(size.bytes);
  return size;
}

void write_records(std::span<const Record> records, const RecordsSize& size, Deadline now,
                   capnp::AnyStruct::Builder to) {
  assert(records.size() <= limits::batch_records_max && size.bytes < data_bytes_end);
  if (records.empty()) return;
  auto out = to.as<wire::Records>();
  write_heads(records, out.initHeads(static_cast<unsigned>(records.size())));
  if (size.commons > 0) write_commons(records, now, out.initCommons(size.commons));
  if (size.mores > 0) write_mores(records, out.initMores(size.mores));
  if (size.bytes == 0) return;
  auto* bytes = reinterpret_cast<std::byte*>(out.initBytes(static_cast<unsigned>(size.bytes)).begin());
  write_bytes(records, {bytes, size.words.payloads * sizeof(capnp::word)});
}

std::vector<Record> read_records(capnp::AnyStruct::Reader in, const Buffer& frame, Deadline now) {
  return RecordsReader(in.as<wire::Records>(), frame, now).read();
}

}  // namespace skep
