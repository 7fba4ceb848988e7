// Records of `[[test]]`: strings are bytes, other values are JSON, and tables of their own are tensors.

#include <cmath>

#include "skep/serialization/json.hpp"
#include "table_reader.hpp"
#include "test_reader.hpp"

namespace skep {
namespace {

class JsonOfFile {
 public:
  explicit JsonOfFile(ProblemList& problems) : problems_(problems) {}

  /// Whether all that was written is what the file has; the rest was reported.
  [[nodiscard]] bool complete() const noexcept { return complete_; }

  std::string text(const OptionValue& value) {
    write(value);
    return json_.take();
  }

 private:
  void write(const OptionValue& value) {
    if (const auto* table = std::get_if<OptionValue::Table>(&value.value)) {
      json_.begin_object();
      for (const auto& member : *table) {
        json_.key(member.key);
        write(member.value);
      }
      json_.end_object();
    } else if (const auto* list = std::get_if<OptionValue::Array>(&value.value)) {
      json_.begin_array();
      for (const auto& element : *list) write(element);
      json_.end_array();
    } else {
      write_scalar(value);
    }
  }

  void write_scalar(const OptionValue& value) {
    if (const auto* flag = std::get_if<bool>(&value.value)) {
      json_.value(*flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value.value)) {
      json_.value(*integer);
    } else if (const auto* text = std::get_if<std::string>(&value.value)) {
      json_.value(*text);
    } else if (const auto* number = std::get_if<double>(&value.value); number != nullptr && std::isfinite(*number)) {
      json_.value(*number);
    } else {
      complete_ = false;
      json_.null();  // what could not be read was reported
      if (number != nullptr) problems_.error(value.position, "JSON has no NaN and no infinity");
    }
  }

  ProblemList& problems_;
  JsonWriter json_;
  bool complete_ = true;
};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Free in every dimension: how many there are is for the values to say.
Shape shape_of(const OptionValue& values) {
  Shape shape;
  const auto* at = &values;
  while (const auto* list = std::get_if<OptionValue::Array>(&at->value)) {
    shape.push_back(-1);
    if (list->empty()) break;
    at = &list->front();
  }
  return shape;
}

std::vector<std::string> dtype_names() {
  std::vector<std::string> names;
  for (auto type = 0; type <= static_cast<int>(DType::f64); ++type) {
    names.emplace_back(to_string(static_cast<DType>(type)));
  }
  return names;
}

std::optional<DType> read_dtype(TableReader& reader, const OptionValue& table, ProblemList& problems) {
  const auto name = reader.text("dtype").value_or("f32");
  const auto dtype = dtype_from(name);
  if (!dtype) {
    problems.error(table.find("dtype")->position, "unknown dtype '" + name + "'", suggest(name, dtype_names()));
  }
  return dtype;
}

/// The values as a list of the file has them, as elements of a tensor. Nothing where a mistake was reported.
std::optional<JsonDocument::Array> elements_of(const OptionValue& values, DType dtype, ProblemList& problems) {
  const auto wrong = [&](const std::string& message) {
    problems.error(values.position, message);
    return std::nullopt;
  };
  const auto shape = shape_of(values);
  if (shape.empty() || shape.size() > limits::tensor_rank_max) {
    return wrong("the values of a tensor are lists of numbers, in " + std::to_string(limits::tensor_rank_max) +
                 " dimensions at most");
  }
  JsonOfFile file(problems);
  const auto json = JsonDocument::parse(file.text(values));
  if (!file.complete()) return std::nullopt;
  if (!json) return wrong(json.error().message);
  auto elements = json->array("$", dtype, shape);
  if (!elements) return wrong(elements.error().message);
  return std::move(elements).value();
}

}  // namespace

TestRecord read_test_tensor(const OptionValue& value, TestTensorAs as, ProblemList& problems) {
  const auto form = as == TestTensorAs::json ? TestRecord::Form::json : TestRecord::Form::binary;
  TestRecord record{form, {}, value.position};
  if (!std::holds_alternative<OptionValue::Table>(value.value)) {
    report_type(value, "a tensor such as { dtype = \"f32\", values = [1, 2] }", problems);
    return record;
  }
  TableReader reader(value, "a tensor", value.position, problems);
  const auto dtype = read_dtype(reader, value, problems);
  const auto* values = reader.require("values", "[...]");
  reader.report_unknown_keys();
  if (!dtype || values == nullptr) return record;
  const auto elements = elements_of(values->value, *dtype, problems);
  if (!elements) return record;
  if (as == TestTensorAs::json) {
    record.bytes = tensor_json(TensorView(*dtype, elements->shape, elements->bytes));
  } else {
    const auto payload = tensor_payload(*dtype, elements->shape, elements->bytes);
    record.bytes.assign(reinterpret_cast<const char*>(payload.bytes.data()), payload.bytes.size());
  }
  return record;
}

TestRecord read_test_record(const OptionValue& value, ProblemList& problems) {
  if (const auto* text = std::get_if<std::string>(&value.value)) {
    return {TestRecord::Form::text, *text, value.position};
  }
  return {TestRecord::Form::json, JsonOfFile(problems).text(value), value.position};
}

TestRecord read_test_hex(const OptionValue& value, ProblemList& problems) {
  TestRecord record{TestRecord::Form::binary, {}, value.position};
  const auto* text = std::get_if<std::string>(&value.value);
  if (text == nullptr) {
    report_type(value, "hex digits in quotes", problems);
    return record;
  }
  int high = -1;
  for (const char c : *text) {
    if (c == ' ') continue;
    const int digit = digit_of(c);
    if (digit < 0) {
      problems.error(value.position, "a record in `hex` has hex digits and blanks only", "\"00 ff\"");
      return record;
    }
    if (high >= 0) record.bytes += static_cast<char>(high * 16 + digit);
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0) problems.error(value.position, "a record in `hex` ends in half a byte", "two digits for each byte");
  return record;
}

}  // namespace skep
