#pragma once
// Records with a key and an event time, for the bees of windows. Times count from the hour at which a harness begins.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_registry.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep::testing {

inline BeeRegistry ready_made() {
  BeeRegistry bees;
  add_ready_made_bees(bees);
  return bees;
}

inline EventTime time_of(std::chrono::nanoseconds after_start) {
  return EventTime(std::chrono::hours(1) + after_start);
}

inline Record timed(std::string_view key, std::chrono::nanoseconds after_start, std::string_view json) {
  const auto record = make_record(json);
  auto header = record.header();
  header.key = key;
  header.event_time = time_of(after_start);
  return Record(header, Payload::json(json));
}

inline std::vector<std::string> texts(const std::vector<Record>& records) {
  std::vector<std::string> all;
  for (const auto& record : records) all.emplace_back(record.text());
  return all;
}

}  // namespace skep::testing
