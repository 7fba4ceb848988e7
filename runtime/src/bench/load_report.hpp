#pragma once
// What a bench has found, for people and for programs. Pure.

#include <optional>
#include <string>
#include <vector>

#include "bench/load_figures.hpp"
#include "bench/load_plan.hpp"
#include "bench/time_split.hpp"

namespace skep::bench {

/// One rate of a search.
struct RateTried {
  double rate = 0;
  bool held = false;
  LoadFigures figures;
};

struct LoadReport {
  std::string target;              ///< its address
  std::string swarm{}, gateway{};  ///< of a swarm in this process; else empty
  LoadPlan plan;
  LoadFigures figures{};  ///< of a search: of the best rate; of the last one, if none held
  std::optional<TimeSplit> split{};
  std::vector<RateTried> tried{};  ///< in a search
  std::optional<double> best_rate{};
  bool stopped = false;  ///< somebody ended it early
};

/// "tcp://127.0.0.1:9000: 1000 requests a second (poisson, --seed 42), 4 clients, ...": what is going to be done.
[[nodiscard]] std::string heading(const LoadReport& report);
/// A line of a search.
[[nodiscard]] std::string as_text(const RateTried& tried);
/// All below the heading and those lines.
[[nodiscard]] std::string as_text(const LoadReport& report);
/// One object, in one line.
[[nodiscard]] std::string as_json(const LoadReport& report);
/// What to think of before believing the figures.
[[nodiscard]] std::vector<std::string> warnings(const LoadReport& report);

}  // namespace skep::bench
