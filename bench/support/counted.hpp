#pragma once
// What an iteration of a benchmark stands for.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace bench {

/// So many items, and all their bytes, in each iteration.
inline void count(benchmark::State& state, std::int64_t items, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * items);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

}  // namespace bench
