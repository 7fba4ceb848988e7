#include "testing/test_log.hpp"

#include "skep/serialization/utf8.hpp"

namespace skep::testing {

void TestLog::add(LogLevel level, std::string_view source, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  newest_.push_back({level, std::string(source), std::string(utf8_prefix(text, limits::log_line_bytes_max))});
  if (newest_.size() <= limits::test_log_lines_max) return;
  newest_.pop_front();
  ++lost_;
}

void TestLog::clear() {
  const std::scoped_lock lock(mutex_);
  newest_.clear();
  lost_ = 0;
}

TestLog::Lines TestLog::lines() const {
  const std::scoped_lock lock(mutex_);
  return {{newest_.begin(), newest_.end()}, lost_};
}

}  // namespace skep::testing
