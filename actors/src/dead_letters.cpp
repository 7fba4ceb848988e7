#include "skep/actors/dead_letters.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>

#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

bool matches(const DeadLetters::Filter& filter, const DeadLetter& letter) {
  if (!filter.bee.empty() && filter.bee != letter.bee) return false;
  if (filter.code && *filter.code != letter.code) return false;
  if (filter.since && letter.at < *filter.since) return false;
  if (filter.until && letter.at >= *filter.until) return false;
  return letter.reason.find(filter.reason_part) != std::string::npos;
}

}  // namespace

std::size_t bytes_of(const DeadLetter& letter) noexcept {
  return sizeof(DeadLetter) + letter.bee.size() + letter.reason.size() + letter.record.pinned_bytes();
}

bool DeadLetters::LessTried::operator()(const Tried& a, const Tried& b) const noexcept {
  const auto key = [](const Tried& each) { return std::tie(each.second.high, each.second.low, each.first); };
  return key(a) < key(b);
}

DeadLetterId DeadLetters::add(DeadLetter letter) {
  letter.reason = std::string(utf8_prefix(letter.reason, limits::message_bytes_max));
  const std::scoped_lock lock(mutex_);
  letter.id = DeadLetterId{++last_id_};
  letter.attempts = attempts_of(letter);
  const auto id = letter.id;
  const auto bytes = bytes_of(letter);
  ++counts_.added;
  if (bytes > settings_.bytes_max || settings_.records_max == 0) {
    ++counts_.evicted;
    return id;
  }
  while (letters_.size() >= settings_.records_max || counts_.bytes + bytes > settings_.bytes_max) evict_oldest();
  counts_.bytes += bytes;
  letters_.emplace(id, std::move(letter));
  return id;
}

void DeadLetters::evict_oldest() {
  assert(!letters_.empty() && bytes_of(letters_.begin()->second) <= counts_.bytes);
  counts_.bytes -= bytes_of(letters_.begin()->second);
  ++counts_.evicted;
  letters_.erase(letters_.begin());
}

DeadLetters::Page DeadLetters::list(const Filter& filter, std::optional<DeadLetterId> after,
                                    std::size_t letters_max) const {
  Page page;
  letters_max = std::min(letters_max, limits::dead_letter_page_max);
  const std::scoped_lock lock(mutex_);
  auto at = after ? letters_.upper_bound(*after) : letters_.begin();
  std::optional<DeadLetterId> last = after;
  for (std::size_t looked = 0; at != letters_.end(); ++at, ++looked) {
    if (page.letters.size() >= letters_max || looked >= limits::dead_letter_scan_max) {
      page.next = last;
      break;
    }
    last = at->first;
    if (matches(filter, at->second)) page.letters.push_back(at->second);
  }
  return page;
}

std::optional<DeadLetter> DeadLetters::take(DeadLetterId id) {
  const std::scoped_lock lock(mutex_);
  const auto found = letters_.find(id);
  if (found == letters_.end()) return std::nullopt;
  auto letter = std::move(found->second);
  letters_.erase(found);
  assert(bytes_of(letter) <= counts_.bytes);
  counts_.bytes -= bytes_of(letter);
  ++counts_.taken;
  remember(letter);
  return letter;
}

void DeadLetters::put_back(DeadLetter letter) {
  const std::scoped_lock lock(mutex_);
  static_cast<void>(attempts_of(letter));  // forgets the try that did not happen
  assert(counts_.taken > 0);
  --counts_.taken;
  const auto bytes = bytes_of(letter);
  if (letters_.size() >= settings_.records_max || counts_.bytes + bytes > settings_.bytes_max) {
    ++counts_.evicted;
    return;
  }
  counts_.bytes += bytes;
  letters_.emplace(letter.id, std::move(letter));
}

DeadLetters::Counts DeadLetters::counts() const {
  const std::scoped_lock lock(mutex_);
  auto counts = counts_;
  counts.records = letters_.size();
  return counts;
}

/// Forgets it: it is counted on in the letter.
std::uint32_t DeadLetters::attempts_of(const DeadLetter& letter) {
  const auto found = tried_.find({letter.bee, letter.record.id()});
  if (found == tried_.end()) return 1;
  const auto [attempts, order] = found->second;
  tried_.erase(found);
  tried_order_.erase(order);
  return attempts + 1;
}

void DeadLetters::remember(const DeadLetter& letter) {
  const Tried tried{letter.bee, letter.record.id()};
  if (const auto known = tried_.find(tried); known != tried_.end()) {
    tried_order_.erase(known->second.second);
    tried_.erase(known);
  }
  if (tried_.size() >= settings_.records_max) {
    tried_.erase(tried_order_.begin()->second);
    tried_order_.erase(tried_order_.begin());
  }
  tried_order_.emplace(++last_tried_, tried);
  tried_.emplace(tried, std::pair{letter.attempts, last_tried_});
}

}  // namespace skep
