#pragma once
// JSON documents of the struct Every, drawn by rapidcheck: each with the texts of the fields that were drawn.

#include <rapidcheck.h>

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "skep/serialization/base64.hpp"
#include "skep/serialization/json.hpp"

namespace skep::test {

struct RandomEvery {
  friend std::ostream& operator<<(std::ostream& out, const RandomEvery& random) { return out << random.json; }

  std::string json;
  std::vector<std::string> members;  ///< "\"i8\":-3", as it is written back too

  /// Whether `text` has every member that was drawn.
  [[nodiscard]] bool is_in(const std::string& text) const {
    for (const auto& member : members) {
      if (text.find(member) == std::string::npos) return false;
    }
    return true;
  }
};

template <class Value>
std::string json_value(const Value& value) {
  return JsonWriter().value(value).take();
}

inline std::string json_text(const std::string& text) {
  std::string ascii;  // what is written back as it came
  for (const char c : text) ascii += static_cast<char>(c & 0x7F);
  return json_value(std::string_view(ascii));
}

template <class Value>
std::string drawn() {
  return json_value(*rc::gen::arbitrary<Value>());
}

inline std::string drawn_real() {
  return json_value(static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 8);
}

inline std::string drawn_text() {
  return json_text(*rc::gen::arbitrary<std::string>());
}

inline std::string drawn_data() {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  return "\"" + to_base64(std::as_bytes(std::span(bytes))) + "\"";
}

inline std::string drawn_level() {
  return *rc::gen::element<std::string>("\"low\"", "\"middle\"", "\"high\"");
}

inline std::string drawn_point() {
  return "{\"x\":" + drawn_real() + ",\"y\":" + drawn_real() + "}";
}

template <class Element>
std::string drawn_list(Element element) {
  std::string list = "[";
  const auto size = *rc::gen::inRange(0, 5);
  for (int i = 0; i < size; ++i) list += (i == 0 ? "" : ",") + element();
  return list + "]";
}

inline RandomEvery random_every(int depth) {
  RandomEvery random;
  const auto add = [&](const std::string& name, const std::string& value) {
    random.members.push_back("\"" + name + "\":" + value);
  };
  const auto maybe = [&](const std::string& name, auto draw) {
    if (*rc::gen::inRange(0, 2) == 1) add(name, draw());
  };
  maybe("truth", drawn<bool>);
  maybe("i8", drawn<std::int8_t>);
  maybe("i16", drawn<std::int16_t>);
  maybe("i32", drawn<std::int32_t>);
  maybe("i64", drawn<std::int64_t>);
  maybe("u8", drawn<std::uint8_t>);
  maybe("u16", drawn<std::uint16_t>);
  maybe("u32", drawn<std::uint32_t>);
  maybe("u64", drawn<std::uint64_t>);
  maybe("f32", [] { return json_value(static_cast<double>(*rc::gen::arbitrary<std::int16_t>()) / 8); });
  maybe("f64", drawn_real);
  maybe("text", drawn_text);
  maybe("data", drawn_data);
  maybe("nothing", [] { return std::string("null"); });
  maybe("level", drawn_level);
  maybe("point", drawn_point);
  maybe("numbers", [] { return drawn_list(drawn<std::int32_t>); });
  maybe("flags", [] { return drawn_list(drawn<bool>); });
  maybe("texts", [] { return drawn_list(drawn_text); });
  maybe("datas", [] { return drawn_list(drawn_data); });
  maybe("points", [] { return drawn_list(drawn_point); });
  maybe("matrix", [] { return drawn_list([] { return drawn_list(drawn_real); }); });
  maybe("levels", [] { return drawn_list(drawn_level); });
  maybe("voids", [] { return drawn_list([] { return std::string("null"); }); });
  maybe("limits", [] { return "{\"low\":" + drawn<std::int32_t>() + ",\"high\":" + drawn<std::int32_t>() + "}"; });
  maybe("named", drawn_text);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      add("none", "null");
      break;
    case 1:
      add("count", drawn<std::uint32_t>());
      break;
    case 2:
      add("label", drawn_text());
      break;
    default:
      if (depth > 0) add("label", "null");
  }
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      add("shape", "{\"circle\":" + drawn_real() + "}");
      break;
    case 1:
      add("shape", "{\"box\":{\"width\":" + drawn_real() + ",\"height\":" + drawn_real() + "}}");
      break;
    default:
      add("shape", "{\"line\":" + drawn_list(drawn_point) + "}");
  }
  random.json = "{";
  for (const auto& member : random.members) random.json += (random.json.size() > 1 ? "," : "") + member;
  if (depth > 0) {
    auto below = random_every(depth - 1);
    random.json += ",\"self\":" + below.json;
    for (auto& member : below.members) random.members.push_back(std::move(member));
  }
  random.json += "}";
  return random;
}

}  // namespace skep::test

namespace rc {

template <>
struct Arbitrary<skep::test::RandomEvery> {
  static Gen<skep::test::RandomEvery> arbitrary() {
    return gen::exec([] { return skep::test::random_every(*gen::inRange(0, 3)); });
  }
};

}  // namespace rc
