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

/// Pairs of equal ones. A string may be equal to raw bytes, or by value to JSON; what was written as JSON by value to
/// both. So strings choose first, and raw bytes first of all, which nobody needs more than they.
class ExactPairs {
 public:
  ExactPairs(const std::vector<Comparable>& expected, const std::vector<Comparable>& came)
      : expected_(expected), came_(came), pairs_(expected.size()), taken_(came.size()) {
    for (std::size_t i = came.size(); i-- > 0;) {  // the first of equal ones is taken first
      const bool json = came[i].form_ == TestRecord::Form::json;
      bytes_[came[i].text_].push_back(i);
      if (!came[i].json_) continue;
      const auto value = canonical(*came[i].json_);
      values_[value].push_back(i);
      if (json) json_values_[value].push_back(i);
    }
  }

  Pairs take() {
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      const auto& each = expected_[i];
      const bool text = each.form_ != TestRecord::Form::json;
      if (text) pair(i, bytes_, each.text_, each.form_ == TestRecord::Form::binary);
    }
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      const auto& each = expected_[i];
      if (each.form_ == TestRecord::Form::text && each.json_) pair(i, json_values_, canonical(*each.json_), true);
    }
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      const auto& each = expected_[i];
      if (each.form_ == TestRecord::Form::json && each.json_) pair(i, values_, canonical(*each.json_), true);
    }
    return std::move(pairs_);
  }

 private:
  using Places = std::unordered_map<std::string, std::vector<std::size_t>>;

  /// With one that is not taken yet; of JSON only if `json_too`.
  void pair(std::size_t expected, Places& places, const std::string& key, bool json_too) {
    if (pairs_[expected]) return;
    const auto found = places.find(key);
    if (found == places.end()) return;
    auto& left = found->second;
    while (!left.empty()) {
      const auto came = left.back();
      left.pop_back();
      const bool json = came_[came].form_ == TestRecord::Form::json;
      if (taken_[came] || (json && !json_too)) continue;
      taken_[came] = true;
      pairs_[expected] = came;
      return;
    }
  }

  const std::vector<Comparable>& expected_;
  const std::vector<Comparable>& came_;
  Pairs pairs_;
  std::vector<bool> taken_;
  Places bytes_, values_, json_values_;
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
