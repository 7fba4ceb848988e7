#include "joined_objects.hpp"

#include <map>
#include <set>
#include <vector>

#include "skep/serialization/json.hpp"

namespace skep {
namespace {

class Joined {
 public:
  void add(std::string_view object) {
    const auto document = read_json(object);
    const auto members = document.members("$");
    if (!members) throw BadRecord("a part is no JSON object");
    std::set<std::string_view> own;
    for (const auto& member : *members) {
      if (own.insert(member.name).second) add(member);
    }
  }

  [[nodiscard]] std::string text() const {
    JsonWriter json;
    json.begin_object();
    for (const auto* field : in_order_) json.key(field->first).raw(field->second);
    json.end_object();
    return json.take();
  }

 private:
  using Fields = std::map<std::string, std::string, std::less<>>;

  void add(const JsonDocument::Member& member) {
    const auto [field, added] = fields_.emplace(member.name, member.text);
    if (added) return in_order_.push_back(&*field);
    if (field->second != member.text) throw BadRecord("parts differ in their field '" + field->first + "'");
  }

  Fields fields_;
  std::vector<const Fields::value_type*> in_order_;
};

}  // namespace

std::string joined_objects(std::span<const std::string_view> objects) {
  Joined joined;
  for (const auto object : objects) joined.add(object);
  return joined.text();
}

}  // namespace skep
