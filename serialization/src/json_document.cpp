#include <algorithm>
#include <bit>
#include <cmath>

#include "json_diagnosis.hpp"
#include "json_path.hpp"
#include "json_state.hpp"
#include "json_text.hpp"
#include "skep/serialization/limit_error.hpp"

namespace skep {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t capacity_min = 1024;

/// simdjson counts the level above the root, and an empty array or object as none.
constexpr std::size_t parser_depth = limits::json_depth_max + 1;

/// What a thread keeps between documents.
class Workspace {
 public:
  [[nodiscard]] simdjson::error_code parse(std::string_view text, dom::document& document, dom::element& root) {
    const auto error = parse_padded(text, document).get(root);
    if (text.size() > json_kept_bytes_max) *this = Workspace();
    return error;
  }
  /// For a document that nobody reads.
  [[nodiscard]] dom::document& scratch() noexcept { return scratch_; }

 private:
  simdjson::simdjson_result<dom::element> parse_padded(std::string_view text, dom::document& document) {
    const auto capacity = std::bit_ceil(std::max(text.size(), capacity_min));
    if (parser_.capacity() < capacity && parser_.allocate(capacity, parser_depth)) return simdjson::MEMALLOC;
    if (document.capacity() < capacity && document.allocate(capacity)) return simdjson::MEMALLOC;
    padded_.reserve(capacity + simdjson::SIMDJSON_PADDING);
    padded_.assign(text);
    return parser_.parse_into_document(document, padded_.data(), padded_.size(), false);
  }

  dom::parser parser_;
  dom::document scratch_;
  std::string padded_;
};

/// The library is loaded with the program, so the address may be fixed then: no call to find it per document.
Workspace& workspace() {
  [[gnu::tls_model("initial-exec")]] thread_local Workspace mine;
  return mine;
}

void append_text(dom::element element, std::string& out);

void append_text(dom::array array, std::string& out) {
  out.push_back('[');
  for (const auto each : array) {
    if (out.back() != '[') out.push_back(',');
    append_text(each, out);
  }
  out.push_back(']');
}

void append_text(dom::object object, std::string& out) {
  out.push_back('{');
  for (const auto [key, value] : object) {
    if (out.back() != '{') out.push_back(',');
    append_json_string(key, out);
    out.push_back(':');
    append_text(value, out);
  }
  out.push_back('}');
}

/// simdjson has checked the document: a value is what its type says.
void append_text(dom::element element, std::string& out) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return append_text(element.get_array().value_unsafe(), out);
    case dom::element_type::OBJECT:
      return append_text(element.get_object().value_unsafe(), out);
    case dom::element_type::INT64:
      out.append(std::to_string(element.get_int64().value_unsafe()));
      return;
    case dom::element_type::UINT64:
      out.append(std::to_string(element.get_uint64().value_unsafe()));
      return;
    case dom::element_type::DOUBLE:
      (void)append_json_number(element.get_double().value_unsafe(), out);
      return;
    case dom::element_type::STRING:
      return append_json_string(element.get_string().value_unsafe(), out);
    case dom::element_type::BOOL:
      out.append(element.get_bool().value_unsafe() ? "true" : "false");
      return;
    case dom::element_type::NULL_VALUE:
      out.append("null");
      return;
  }
}

template <class T>
std::optional<T> as_optional(simdjson::simdjson_result<T> result) {
  T value;
  if (std::move(result).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace

Result<void> parse_json(std::string_view text, dom::document& document, dom::element& root) {
  if (text.size() > limits::payload_bytes_max) {
    return Error{errc::too_large,
                 over_limit("the JSON text", text.size(), "payload_bytes_max", limits::payload_bytes_max)};
  }
  const auto error = workspace().parse(text, document, root);
  if (error == simdjson::SUCCESS) return {};
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  return Error{errc::bad_record, diagnose_json(text).value_or(simdjson::error_message(error))};
}

Result<void> check_json(std::string_view text) {
  dom::element root;
  return parse_json(text, workspace().scratch(), root);
}

JsonDocument::JsonDocument() : state_(std::make_unique<State>()) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonDocument read_json(std::string_view text) {
  JsonDocument document;
  read_json(text, document);
  return document;
}

void read_json(std::string_view text, JsonDocument& document) {
  const auto parsed = document.reparse(text);
  if (!parsed) throw BadRecord("malformed JSON: " + parsed.error().message);
}

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
  JsonDocument document;
  if (auto parsed = document.reparse(text); !parsed) return parsed.error();
  return document;
}

Result<void> JsonDocument::reparse(std::string_view text) {
  state_->text_bytes = 0;
  state_->elements = {};
  auto parsed = parse_json(text, state_->document, state_->root);
  if (parsed) state_->text_bytes = text.size();
  return parsed;
}

std::optional<dom::element> JsonDocument::State::find(const std::string_view path) const {
  if (text_bytes == 0 || path.empty() || path[0] != '$') return std::nullopt;
  auto rest = path.substr(1);
  auto at = root;
  while (!rest.empty()) {
    const auto here = path.substr(0, path.size() - rest.size());
    const auto step = take_step(rest);
    if (!step) return std::nullopt;
    std::optional<dom::element> next;
    if (!step->index) {
      next = as_optional(at.get_object().at_key(step->key));
    } else if (const auto array = as_optional(at.get_array())) {
      next = elements.at(here, *array, *step->index);
    }
    if (!next) return std::nullopt;
    at = *next;
  }
  return at;
}

bool JsonDocument::has(std::string_view path) const {
  return state_->find(path).has_value();
}

std::optional<bool> JsonDocument::boolean(std::string_view path) const {
  const auto element = state_->find(path);
  return element ? as_optional(element->get_bool()) : std::nullopt;
}

std::optional<std::int64_t> JsonDocument::integer(std::string_view path) const {
  const auto element = state_->find(path);
  return element ? as_optional(element->get_int64()) : std::nullopt;
}

std::optional<double> JsonDocument::number(std::string_view path) const {
  const auto element = state_->find(path);
  return element ? as_optional(element->get_double()) : std::nullopt;
}

std::optional<std::string_view> JsonDocument::string(std::string_view path) const {
  const auto element = state_->find(path);
  return element ? as_optional(element->get_string()) : std::nullopt;
}

std::optional<std::string> JsonDocument::text(std::string_view path) const {
  const auto element = state_->find(path);
  if (!element) return std::nullopt;
  std::string out;
  append_text(*element, out);
  return out;
}

std::optional<std::vector<JsonDocument::Member>> JsonDocument::members(std::string_view path) const {
  const auto element = state_->find(path);
  const auto object = element ? as_optional(element->get_object()) : std::nullopt;
  if (!object) return std::nullopt;
  std::vector<Member> found;
  for (const auto [key, value] : *object) append_text(value, found.emplace_back(Member{key, {}}).text);
  return found;
}

}  // namespace skep
