#pragma once
// Records as gateways make them, for the benches of codecs.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/serialization/record.hpp"

namespace bench {

inline const skep::Deadline now{std::chrono::hours(1)};

[[nodiscard]] inline skep::RecordHeader sample_header() {
  skep::RecordHeader header;
  header.root = header.id = {0x0123456789ABCDEF, 0xFEDCBA9876543210};
  header.key = "user-1234";
  header.deadline = now + std::chrono::seconds(1);
  header.origin = {1, 2, 3, 4, 5};
  header.revision = 1;
  return header;
}

[[nodiscard]] inline skep::Record sample_record(std::size_t payload_bytes) {
  return skep::Record(sample_header(), skep::Payload::raw(std::string(payload_bytes, 'p')));
}

/// Arguments: bytes of a payload, records.
[[nodiscard]] inline std::vector<skep::Record> sample_records(const benchmark::State& state) {
  std::vector<skep::Record> records;
  for (std::int64_t i = 0; i < state.range(1); ++i) {
    records.push_back(sample_record(static_cast<std::size_t>(state.range(0))));
  }
  return records;
}

}  // namespace bench
