#include "testing/record_match.hpp"

#include <algorithm>
#include <unordered_map>

namespace skep::testing {

Comparable::Comparable(const TestRecord& expected)
    : form_(expected.form), text_(expected.bytes), json_(parse_json(expected.bytes)) {
  if (form_ == TestRecord::Form::binary) json_.reset();
}

Comparable::Comparable(Came came)
    : form_(came.is_json || !came.tensor.empty() ? TestRecord::Form::json : TestRecord::Form::text),
      text_(std::move(came.text)),
      tensor_(std::move(came.tensor)),
      json_(parse_json(shown())) {}

/// What was written as JSON is compared as such with whatever came; a string only with JSON.
bool Comparable::by_value(const Comparable& came) const noexcept {
  if (form_ == TestRecord::Form::binary) return false;
  return form_ == TestRecord::Form::json || came.form_ == TestRecord::Form::json;
}

bool Comparable::expects(const Comparable& came, const TestMatch& match) const {
  if (by_value(came)) return json_ && came.json_ && matches(*json_, *came.json_, match);
  return match.contains ? came.text_.find(text_) != std::string::npos : came.text_ == text_;
}

std::string Comparable::why_not(const Comparable& came, const TestMatch& match) const {
  if (!by_value(came)) return "";
  if (!json_) return "what came is JSON, and what was expected is not";
  if (!came.json_) return "what came is no JSON";
  return difference(*json_, *came.json_, match);
}

/// Pairs of equal ones. Bytes in hex meet raw bytes and JSON by their bytes; a string raw bytes by them, JSON by value;
/// what was written as JSON both by value. So whoever has fewer to choose from chooses first, and takes raw bytes
/// first: whoever else wants those has more JSON to choose from.
class ExactPairs {
 public:
  ExactPairs(const std::vector<Comparable>& expected, const std::vector<Comparable>& came)
      : expected_(expected), pairs_(expected.size()), taken_(came.size()) {
    for (std::size_t i = came.size(); i-- > 0;) {  // the first of equal ones is taken first
      const bool json = came[i].form_ == TestRecord::Form::json;
      (json ? json_bytes_ : raw_bytes_)[came[i].text_].push_back(i);
      if (!came[i].json_) continue;
      const auto value = canonical(*came[i].json_);
      values_[value].push_back(i);
      if (json) json_values_[value].push_back(i);
    }
  }

  Pairs take() {
    using Form = TestRecord::Form;
    for (const auto form : {Form::binary, Form::text, Form::json}) {
      for (std::size_t i = 0; i < expected_.size(); ++i) {
        if (expected_[i].form_ == form) choose(i);
      }
    }
    return std::move(pairs_);
  }

 private:
  using Places = std::unordered_map<std::string, std::vector<std::size_t>>;

  void choose(std::size_t i) {
    const auto& each = expected_[i];
    if (each.form_ != TestRecord::Form::json && pair(i, raw_bytes_, each.text_)) return;
    if (each.form_ == TestRecord::Form::binary) {
      static_cast<void>(pair(i, json_bytes_, each.text_));
    } else if (each.json_) {
      auto& values = each.form_ == TestRecord::Form::text ? json_values_ : values_;
      static_cast<void>(pair(i, values, canonical(*each.json_)));
    }
  }

  /// With one that is not taken yet.
  [[nodiscard]] bool pair(std::size_t expected, Places& places, const std::string& key) {
    const auto found = places.find(key);
    if (found == places.end()) return false;
    for (auto& left = found->second; !left.empty();) {
      const auto came = left.back();
      left.pop_back();
      if (taken_[came]) continue;
      taken_[came] = true;
      pairs_[expected] = came;
      return true;
    }
    return false;
  }

  const std::vector<Comparable>& expected_;
  Pairs pairs_;
  std::vector<bool> taken_;
  Places raw_bytes_, json_bytes_, values_, json_values_;
};

namespace {

/// Maximum bipartite matching.
class LoosePairs {
 public:
  LoosePairs(const std::vector<Comparable>& expected, const std::vector<Comparable>& came, const TestMatch& match)
      : fits_(expected.size()), of_came_(came.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      for (std::size_t j = 0; j < came.size(); ++j) {
        if (expected[i].expects(came[j], match)) fits_[i].push_back(j);
      }
    }
  }

  Pairs take() {
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      seen_.assign(of_came_.size(), false);
      static_cast<void>(find_place(i));
    }
    Pairs pairs(fits_.size());
    for (std::size_t j = 0; j < of_came_.size(); ++j) {
      if (of_came_[j]) pairs[*of_came_[j]] = j;
    }
    return pairs;
  }

 private:
  /// Others go elsewhere for it, as far as they can. As deep as there are records, at most.
  bool find_place(std::size_t expected) {
    for (const auto came : fits_[expected]) {
      if (seen_[came]) continue;
      seen_[came] = true;
      if (of_came_[came] && !find_place(*of_came_[came])) continue;
      of_came_[came] = expected;
      return true;
    }
    return false;
  }

  std::vector<std::vector<std::size_t>> fits_;
  std::vector<std::optional<std::size_t>> of_came_;
  std::vector<bool> seen_;
};

}  // namespace

Pairs pair_up(const std::vector<Comparable>& expected, const std::vector<Comparable>& came, const TestMatch& match) {
  if (match.any_order) {
    const bool exact = !match.contains && match.tolerance <= 0;
    return exact ? ExactPairs(expected, came).take() : LoosePairs(expected, came, match).take();
  }
  Pairs pairs(expected.size());
  for (std::size_t i = 0; i < std::min(expected.size(), came.size()); ++i) {
    if (expected[i].expects(came[i], match)) pairs[i] = i;
  }
  return pairs;
}

bool complete(const Pairs& pairs) noexcept {
  return std::ranges::all_of(pairs, [](const auto& pair) { return pair.has_value(); });
}

}  // namespace skep::testing
