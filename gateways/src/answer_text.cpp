#include "answer_text.hpp"

#include <algorithm>
#include <cassert>

#include "skep/serialization/json.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace {

AnswerText show(const Failure& failure, std::string& scratch) {
  scratch = failure.to_json();
  return {scratch, true, true};
}

AnswerText show_json(const Record& record, std::string& scratch) {
  if (record.content().kind == ContentKind::json) return {record.text()};
  if (record.content().kind == ContentKind::tensor) {
    scratch = tensor_json(record.tensor());
    return {scratch};
  }
  return show({errc::bee_failed, "the answer is " + std::string(to_string(record.content().kind)) +
                                     " and this gateway's clients read JSON (its setting `content`)"},
              scratch);
}

AnswerText show(const Record& record, WireContent content, std::string& scratch) {
  try {
    if (record.content().kind == ContentKind::error) return show(record.as_failure(), scratch);
    if (content == WireContent::json) return show_json(record, scratch);
    return {record.text(), record.content().kind == ContentKind::json};
  } catch (const BadRecord& bad) {
    return show({errc::bee_failed, std::string("the answer cannot be shown: ") + bad.what()}, scratch);
  }
}

}  // namespace

std::optional<WireContent> wire_content_from(std::string_view text) noexcept {
  for (const auto content : {WireContent::json, WireContent::raw, WireContent::tensor, WireContent::capnp}) {
    if (text == to_string(content)) return content;
  }
  return std::nullopt;
}

ContentKind kind_of(WireContent content) noexcept {
  switch (content) {
    case WireContent::json:
      return ContentKind::json;
    case WireContent::raw:
      return ContentKind::raw;
    case WireContent::tensor:
      return ContentKind::tensor;
    case WireContent::capnp:
      break;
  }
  return ContentKind::capnp;
}

std::string_view to_string(WireContent content) noexcept {
  return to_string(kind_of(content));
}

std::optional<std::string> why_unfit(const Record& record, WireContent content, Framing framing) {
  const auto kind = record.content().kind;
  if (content == WireContent::json && kind == ContentKind::tensor) {
    std::string scratch;
    if (show(record, content, scratch).failed) return "a tensor that JSON cannot show";
    return std::nullopt;
  }
  if (content == WireContent::json && kind != ContentKind::json) {
    return "it is " + std::string(to_string(kind)) + ", and this gateway sends JSON (its setting `content`)";
  }
  const bool flattened = kind == ContentKind::json;  // where it has line ends, they are spaces
  if (framing == Framing::line && !flattened && record.text().find('\n') != std::string_view::npos) {
    return "it has a line end in it, and this gateway sends lines";
  }
  return std::nullopt;
}

AnswerText answer_text(const Answer& answer, WireContent content, std::string& scratch) {
  if (const auto* failure = std::get_if<Failure>(&answer)) return show(*failure, scratch);
  return show(std::get<Record>(answer), content, scratch);
}

bool append_answer(Framing framing, const AnswerText& text, std::string& out) {
  if (append_frame(framing, text.bytes, out)) return text.failed;
  if (text.is_text && framing == Framing::line) {
    // Only white space between JSON's tokens can be a line end: inside strings it is escaped.
    std::string flat(text.bytes);
    std::replace(flat.begin(), flat.end(), '\n', ' ');
    if (append_frame(framing, flat, out)) return text.failed;
  }
  const Failure failure{errc::bee_failed, "the answer does not fit the framing: " +
                                              append_frame(framing, text.bytes, out).error().message};
  const auto appended = append_frame(framing, failure.to_json(), out);
  assert(appended.ok());
  return true;
}

}  // namespace skep
