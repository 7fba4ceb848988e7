#pragma once
// The command line of `skep bench`, read and checked before anything is started.

#include <optional>
#include <string>

#include "arguments.hpp"
#include "bench/load_plan.hpp"
#include "bench/load_target.hpp"
#include "bench/payloads.hpp"
#include "output_form.hpp"

namespace skep::cli {

struct BenchOptions {
  std::optional<bench::LoadTarget> target;  ///< nothing: a swarm file
  std::string file;
  std::string gateway;       ///< of the file; empty: its only one
  bench::LoadAccess access;  ///< the target's too
  bench::LoadPlan plan;
  bench::Payloads payloads;
  OutputForm form = OutputForm::text;
  Words settings;  ///< of the node, as `skep run` takes them
};

[[nodiscard]] options::options_description bench_option_table();
/// Errors: what is wrong with the command line, or with the file of payloads.
[[nodiscard]] Result<BenchOptions> read_bench_options(const Words& words);

}  // namespace skep::cli
