#pragma once
// Limits of bees and edges. Every one has a default here; docs/OPERATING.md has the table of all layers.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skep::limits {

inline constexpr std::uint32_t edge_window = 1024;  ///< records waiting at a sender for one replica, default
inline constexpr std::uint32_t edge_window_max = 1u << 20;
inline constexpr std::uint64_t edge_window_bytes = 64u << 20;       ///< of records waiting at a sender, default
inline constexpr std::uint64_t kept_answers_bytes_max = 16u << 20;  ///< of a bee for one gateway out of reach
inline constexpr std::uint64_t credit_records = 512;                ///< sent to one replica and not accepted, default
inline constexpr std::uint64_t credit_bytes = 4u << 20;             ///< the same, in bytes, default
inline constexpr std::uint64_t credit_share_records = 32;           ///< of one sender without asking, at most
inline constexpr std::uint64_t credit_share_bytes = 64u << 10;      ///< the same, in bytes
inline constexpr std::uint64_t remote_credit_records_max = 131072;  ///< of all senders on other nodes to one replica
inline constexpr std::uint64_t remote_credit_bytes_max = 16u << 20;
inline constexpr std::chrono::milliseconds remote_credit_time{8};  ///< what the replica takes up in it, between bounds
inline constexpr std::chrono::milliseconds resend_after{500};      ///< without progress; doubled while there is none
inline constexpr std::chrono::milliseconds resend_after_max{5000};
inline constexpr std::size_t resend_records_max = 256;      ///< records in one packet that goes again
inline constexpr std::uint32_t deaths_alone_max = 3;        ///< bees that one record may end, alone in their hands
inline constexpr std::uint32_t batch_size_max = 4096;       ///< largest `batch.size_max` a swarm may ask for
inline constexpr std::chrono::seconds batch_delay_max{60};  ///< largest `batch.delay_max`
inline constexpr std::chrono::milliseconds batch_deadline_margin{
    1};                                                    ///< a batch closes this much before a deadline, at least
inline constexpr std::chrono::milliseconds slice_time{1};  ///< time a bee takes before it lets others run, about
inline constexpr std::chrono::microseconds inline_time_max{20};  ///< of slices, on average: about a wake-up; default
inline constexpr std::uint32_t slice_records_max = 512;          ///< records a bee takes before it lets others run
inline constexpr std::uint32_t outputs_per_call_max = 65536;     ///< records one call of a bee may put in its Outbox
inline constexpr std::uint32_t outbox_records_mark =
    4096;                                                ///< in an Outbox; from there a bee takes no input until sent
inline constexpr std::uint32_t ports_max = 64;           ///< output ports of one bee class
inline constexpr std::size_t held_records_max = 10'000;  ///< that one replica holds, default
inline constexpr std::size_t held_records_most = 1'000'000;  ///< largest `held_records_max`
inline constexpr std::size_t held_bytes_max = 16u << 20;     ///< kept alive by what one replica holds, default
inline constexpr std::size_t departed_sessions_max =
    4096;                                                 ///< remembered of a node, so that their requests are dropped
inline constexpr std::uint32_t timers_max = 1024;         ///< open timers of one replica
inline constexpr std::uint32_t key_slots = 1024;          ///< slots that keys are hashed to
inline constexpr std::size_t model_bytes_max = 1u << 30;  ///< a model's file, default
inline constexpr std::size_t model_batch_bytes_max = 256u << 20;  ///< inputs of one forward, default
inline constexpr std::int64_t model_threads_max = 256;            ///< inside one forward
inline constexpr std::size_t model_tensors_max = 64;              ///< inputs, and outputs, of one model
inline constexpr std::int64_t log_lines_per_second_max = 1000;    ///< of one `skep.log`, default
inline constexpr std::int64_t log_text_bytes_max = 1024;          ///< of a record that `skep.log` writes, default
inline constexpr std::size_t log_lines_waiting_max = 1024;        ///< lines that `skep.log` keeps for later
inline constexpr std::chrono::hours window_time_max{24};          ///< of event time: a window, its slide, its lateness
inline constexpr std::chrono::hours window_ahead_most{8760};      ///< largest `ahead_max` of windows
inline constexpr std::size_t windows_of_one_record_max = 100;     ///< that overlap, of sliding windows
inline constexpr std::int64_t window_keys_max = 10'000;           ///< with open windows in one replica, default
inline constexpr std::int64_t windows_max = 10'000;               ///< open in one replica, of all keys, default
inline constexpr std::int64_t windows_most = 50'000;              ///< largest `windows_max` and `keys_max` of windows
inline constexpr std::int64_t window_records_max = 1000;          ///< that `skep.window` gathers of one window, default
inline constexpr std::int64_t window_records_most = 100'000;      ///< largest `records_max` of `skep.window`
inline constexpr std::uint64_t window_bytes_max = 1u << 20;       ///< of their JSON, of one window, default
inline constexpr std::uint64_t window_bytes_most = 16u << 20;     ///< largest `bytes_max` of `skep.window`
inline constexpr std::uint64_t window_all_bytes_max = 64u << 20;  ///< of their JSON, of all open windows, default
inline constexpr std::uint64_t window_all_bytes_most = 1u << 30;  ///< largest `all_bytes_max` of `skep.window`
inline constexpr std::int64_t dedup_entries_max = 100'000;        ///< values that `skep.dedup` remembers, default
inline constexpr std::int64_t dedup_entries_most = 10'000'000;    ///< largest `entries_max` of `skep.dedup`
inline constexpr std::size_t dedup_value_bytes_max = 1024;        ///< of one value, as JSON
inline constexpr std::chrono::hours dedup_within_max{24};         ///< that `skep.dedup` remembers a value
inline constexpr std::int64_t throttle_rate_max = 1'000'000;   ///< largest `rate` of `skep.throttle`, records a second
inline constexpr std::int64_t throttle_burst_max = 1'000'000;  ///< largest `burst` of `skep.throttle`
inline constexpr std::int64_t throttle_keys_max = 10'000;      ///< that `skep.throttle` keeps apart, default
inline constexpr std::int64_t throttle_keys_most = 1'000'000;  ///< largest `keys_max` of `skep.throttle`
inline constexpr std::int64_t join_parts_max = 64;             ///< of one record that `skep.join` puts together
inline constexpr std::int64_t join_roots_max = 10'000;         ///< that `skep.join` waits for, default
inline constexpr std::int64_t join_roots_most = 1'000'000;     ///< largest `roots_max` of `skep.join`
inline constexpr std::chrono::hours join_within_max{1};        ///< that `skep.join` waits for the parts of a root
inline constexpr std::size_t message_bytes_max = 1024;         ///< of the text of one failure
inline constexpr std::chrono::milliseconds restart_delay_min{100};  ///< before a restart; doubled while it fails
inline constexpr std::chrono::milliseconds restart_delay_max{5000};
inline constexpr std::uint32_t restart_intensity = 5;         ///< restarts within the period that are borne, default
inline constexpr std::uint32_t restart_intensity_max = 1000;  ///< largest `intensity`
inline constexpr std::chrono::seconds restart_period{30};     ///< of the restart intensity, default
inline constexpr std::chrono::hours restart_period_max{24};
inline constexpr std::chrono::seconds shutdown_time_max{5};  ///< of one child, from `stop` to `kill`; as OTP's workers
inline constexpr std::uint32_t throws_in_row_max = 100;      ///< throws without a success; then the bee has failed
inline constexpr std::size_t failure_reasons_max = 64;       ///< last ones kept of one swarm
inline constexpr std::size_t dead_letters_max = 1000;        ///< kept of one swarm, default
inline constexpr std::size_t dead_letter_records_max = 1'000'000;  ///< largest `records_max` of `[dead_letters]`
inline constexpr std::size_t dead_letter_bytes_max = 16u << 20;    ///< kept alive by those of one swarm, default
inline constexpr std::size_t dead_letter_page_max = 100;           ///< of one listing
inline constexpr std::size_t dead_letter_scan_max = 10'000;        ///< looked at for one listing
inline constexpr std::chrono::seconds callback_time_max{10};       ///< in one call of a bee; then it is named

}  // namespace skep::limits
