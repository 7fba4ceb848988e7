#pragma once
// What of the expected came and what did not, in lines for people. Pure, and bounded: limits::test_shown_records_max.
//
//     {"room":"hall","openings":3}       as expected
//   - {"alarm":"too hot","value":34}     expected, and did not come
//   + {"alarm":"too hot","value":35}     came instead
//       $.value is 35, expected 34

#include <string>
#include <vector>

#include "testing/record_match.hpp"

namespace skep::testing {

[[nodiscard]] std::vector<std::string> record_diff(const std::vector<Comparable>& expected,
                                                   const std::vector<Comparable>& came, const TestMatch& match);

/// Bytes for people, in one line: as hex where they are no text, cut at limits::test_shown_bytes_max.
[[nodiscard]] std::string shown_record(const std::string& bytes);

}  // namespace skep::testing
