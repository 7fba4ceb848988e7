#pragma once
// Limits of bees and edges. Every one has a default here; docs/OPERATING.md has the table of all layers.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skep::limits {

inline constexpr std::uint32_t edge_window = 1024;          ///< unacked records per sender and receiver, default
inline constexpr std::uint32_t edge_window_max = 1u << 20;
inline constexpr std::uint32_t batch_size_max = 4096;       ///< largest `batch.size_max` a swarm may ask for
inline constexpr std::chrono::seconds batch_delay_max{60};  ///< largest `batch.delay_max`
inline constexpr std::uint32_t slice_records_max = 512;     ///< records a bee takes before it lets others run
inline constexpr std::uint32_t outputs_per_call_max = 65536; ///< records one call of a bee may put in its Outbox
inline constexpr std::uint32_t ports_max = 64;              ///< output ports of one bee class
inline constexpr std::uint32_t timers_max = 1024;           ///< open timers of one replica
inline constexpr std::uint32_t key_slots = 1024;            ///< slots that keys are hashed to
inline constexpr std::size_t message_bytes_max = 1024;      ///< of the text of one failure
inline constexpr std::chrono::milliseconds rebuild_delay_min{100};  ///< back-off of a bee whose on_start throws
inline constexpr std::chrono::milliseconds rebuild_delay_max{5000};

}  // namespace skep::limits
