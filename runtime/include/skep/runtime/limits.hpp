#pragma once
// Limits of files and swarms. docs/OPERATING.md has the table of all layers.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skep::limits {

inline constexpr std::size_t swarm_file_bytes_max = 1u << 20;
inline constexpr std::size_t node_file_bytes_max = 1u << 20;
inline constexpr std::uint32_t swarm_bees_max = 4096;             ///< bees and gateways of one swarm
inline constexpr std::uint32_t replicas_max = 100'000;            ///< of one bee
inline constexpr std::uint32_t node_threads_max = 256;
inline constexpr std::chrono::seconds start_time_max{60};         ///< one bee's start: a model loads and warms up
inline constexpr std::size_t log_line_bytes_max = 8u << 10;
inline constexpr std::size_t log_field_bytes_max = 1u << 10;

}  // namespace skep::limits
