#pragma once
// Reads `[[test]]` of a swarm file. Pure.

#include <cstdint>
#include <vector>

#include "problem_list.hpp"
#include "skep/runtime/swarm_test.hpp"

namespace skep {

/// `value` is what stands at the key `test`; `spec` is the swarm of the file, whose gateways and bees the tests name.
/// Mistakes go to `problems`; what could be read is returned all the same.
[[nodiscard]] std::vector<SwarmTest> read_tests(const OptionValue& value, const SwarmSpec& spec, ProblemList& problems);

/// A record as a file has it. A string is its bytes; everything else is written as JSON.
[[nodiscard]] TestRecord read_test_record(const OptionValue& value, ProblemList& problems);
/// The same of hex digits, with blanks between them as one likes.
[[nodiscard]] TestRecord read_test_hex(const OptionValue& value, ProblemList& problems);

/// What becomes of a tensor: the bytes that a client sends, or the JSON that shows it to people and JSON clients.
enum class TestTensorAs : std::uint8_t { bytes, json };
/// The same of `{ dtype = "f32", values = [[1, 2], [3, 4]] }`.
[[nodiscard]] TestRecord read_test_tensor(const OptionValue& value, TestTensorAs as, ProblemList& problems);

}  // namespace skep
