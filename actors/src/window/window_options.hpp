#pragma once
// The options that bees of windows share, what lint has against them, and how the records that come of windows are
// known: their ids follow from bee, key and window alone, so that another run gives the same.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/json.hpp"
#include "window_rules.hpp"

namespace skep {

struct WindowOptions {
  std::chrono::nanoseconds window{0};  // required
  std::chrono::nanoseconds slide{0};
  std::chrono::nanoseconds out_of_order{0};
  std::chrono::nanoseconds lateness{0};
  std::chrono::nanoseconds idle = std::chrono::seconds(5);
  std::chrono::nanoseconds ahead_max = std::chrono::minutes(1);
  std::int64_t keys_max = limits::window_keys_max;
  std::int64_t windows_max = limits::windows_max;

  [[nodiscard]] WindowRules rules() const;
};

/// Problems that no single option shows: times with parts of a millisecond, gaps, more windows than there may be.
void check_windows(const OptionValue& table, std::vector<OptionProblem>& problems);

/// The header of what comes of a window: without a client, its begin as the event time. Those of one key and window
/// have one root, whichever bees they come from, so that they can be joined.
[[nodiscard]] RecordHeader header_of_window(std::string_view bee, const WindowName& window);
/// Adds `key`, `begin` and `end`, in milliseconds since the epoch, and `revision` above 0 to the object.
void write_window(JsonWriter& json, const WindowName& window);

/// Adds the options to a class, after which come its own.
template <class Described>
void describe_windows(Described& c) {
  using Options = typename Described::Options;
  const auto seconds = [](std::chrono::seconds time) { return static_cast<double>(time.count()); };
  const auto day = seconds(limits::window_time_max);
  c.option("window", &Options::window, "how long each is, in event time", {.required = true, .min = 0.001, .max = day})
      .option("slide", &Options::slide, "from the begin of one to the next; 0s: as long as it is, so none overlap",
              {.min = 0, .max = day})
      .option("out_of_order", &Options::out_of_order, "that a record may be behind the newest one",
              {.min = 0, .max = day})
      .option("lateness", &Options::lateness, "beyond its end that a window takes records, and is then told again",
              {.min = 0, .max = day})
      .option("idle", &Options::idle,
              "without a record for so long, event time goes on as the clock does, so much behind; 0s: it stands still",
              {.min = 0, .max = day})
      .option("ahead_max", &Options::ahead_max, "that a record may be ahead of the node's clock",
              {.min = 0, .max = seconds(limits::window_ahead_most)})
      .option("keys_max", &Options::keys_max, "with open windows",
              {.min = 1, .max = static_cast<double>(limits::windows_most)})
      .option("windows_max", &Options::windows_max, "open at once, of all keys",
              {.min = 1, .max = static_cast<double>(limits::windows_most)});
}

}  // namespace skep
