#pragma once
// Limits of files and swarms. docs/OPERATING.md has the table of all layers.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "skep/serialization/limits.hpp"

namespace skep::limits {

inline constexpr std::size_t swarm_file_bytes_max = 1u << 20;
inline constexpr std::size_t node_file_bytes_max = 1u << 20;
inline constexpr std::size_t file_nesting_max = 32;        ///< lists and tables in each other, in one value
inline constexpr std::size_t file_key_parts_max = 16;      ///< parts of a dotted key or table name
inline constexpr std::size_t file_syntax_errors_max = 20;  ///< of one swarm file that reading goes on behind
inline constexpr std::size_t file_problems_max = 200;      ///< reported of one file
inline constexpr std::size_t name_bytes_max = 64;          ///< of a swarm, bee, gateway or node
inline constexpr std::uint32_t swarm_bees_max = 4096;      ///< bees and gateways of one swarm
inline constexpr std::uint32_t swarm_edges_max = 65'536;   ///< of one swarm
inline constexpr std::uint32_t replicas_max = 100'000;     ///< of one bee
inline constexpr std::uint32_t cluster_nodes_max = 64;     ///< of one cluster
inline constexpr std::uint32_t node_capacity_max = 1000;   ///< of one node of a cluster, relative to the others'
inline constexpr std::size_t node_labels_max = 16;         ///< of one node of a cluster, and asked for by one bee
inline constexpr std::uint32_t node_threads_max = 256;
inline constexpr std::uint64_t node_descriptors_min = 64;         ///< that the process may have open (RLIMIT_NOFILE)
inline constexpr std::uint32_t dedicated_bees_max = 1024;         ///< of a node: each has a thread of its own
inline constexpr std::chrono::seconds node_drain_time_max{3600};  ///< largest `drain_time_max` of a node
inline constexpr std::chrono::seconds start_time_max{60};         ///< one bee's start: a model loads and warms up
inline constexpr std::chrono::seconds stop_time_max{3};  ///< from the drain, or its time, to the end; then it exits
inline constexpr std::size_t log_line_bytes_max = 8u << 10;
inline constexpr std::size_t log_field_bytes_max = 1u << 10;
inline constexpr std::size_t log_queue_lines_max = 2048;            ///< waiting to be written; then the oldest go
inline constexpr std::size_t node_memory_min = 64u << 20;           ///< smallest `memory_max` but 0
inline constexpr std::size_t heap_free_max = 32u << 20;             ///< freed memory that a heap keeps, default
inline constexpr std::size_t heap_free_most = 1u << 30;             ///< largest `heap_free_max`
inline constexpr std::size_t plugin_manifest_bytes_max = 4u << 20;  ///< what a plug-in says of itself
inline constexpr std::size_t plugin_bees_max = 1024;                ///< classes of one plug-in
inline constexpr std::size_t plugin_gateways_max = 64;              ///< gateway classes of one plug-in
inline constexpr std::size_t plugin_options_max = 256;              ///< options of one class, and words of one option
inline constexpr unsigned memory_shed_percent = 85;    ///< of a node's memory budget; from there it refuses requests
inline constexpr unsigned memory_resume_percent = 80;  ///< below it takes them again
inline constexpr unsigned memory_exit_percent = 95;    ///< from there it exits
inline constexpr std::size_t memory_rise_max = 2048u << 20;             ///< bytes a second, as far as looks keep up
inline constexpr std::chrono::milliseconds memory_look_time_min{10};    ///< between two looks at the memory
inline constexpr std::chrono::milliseconds memory_look_time_max{1000};  ///< the same, at most
inline constexpr std::chrono::milliseconds memory_trim_time{
    1000};                                                      ///< between two times that freed memory is given back
inline constexpr std::chrono::milliseconds bee_look_time{500};  ///< between two looks at all bees
inline constexpr std::chrono::milliseconds node_inline_time_max{1};       ///< largest `inline_time_max`
inline constexpr std::chrono::hours node_callback_time_max{24};           ///< largest `callback_time_max`
inline constexpr std::chrono::milliseconds log_flush_time_max{2000};      ///< at the end, for a reader of the log
inline constexpr std::chrono::milliseconds log_last_words_time_max{100};  ///< the same, of a process that ends at once
inline constexpr std::size_t swarm_tests_max = 1000;                      ///< `[[test]]` tables of one swarm file
inline constexpr std::size_t test_name_bytes_max = 200;                   ///< of a test
inline constexpr std::size_t test_steps_max = 1000;                       ///< of one test
inline constexpr std::size_t test_parts_max = 100;          ///< sends, expectations or dead letters of one step, each
inline constexpr std::size_t test_records_max = 10'000;     ///< sent, or expected, by one step
inline constexpr std::size_t test_loose_records_max = 500;  ///< in any order and not compared exactly
inline constexpr std::chrono::seconds test_within{60};      ///< waited for what is to come, default
inline constexpr std::chrono::hours test_time_most{8760};   ///< of virtual time, one test
inline constexpr std::chrono::seconds test_wall_time_max{60};     ///< of real time, one test, default
inline constexpr std::chrono::seconds test_wall_time_most{3600};  ///< largest `--time-max` of `skep test`
inline constexpr std::uint64_t test_messages_max = 10'000'000;    ///< between actors while a test sends or waits once
inline constexpr std::size_t test_log_lines_max = 200;            ///< shown of one test's log: the newest
inline constexpr std::size_t test_shown_records_max = 40;         ///< records that tell what did not match
inline constexpr std::size_t test_shown_bytes_max = 1000;         ///< of each of them
inline constexpr std::chrono::hours certificate_time{24 * 90};    ///< a node's or admin's certificate is valid, default
inline constexpr std::chrono::hours certificate_time_max{24 * 825};  ///< the same, at most
inline constexpr std::chrono::hours authority_time{24 * 3650};       ///< the same of a cluster's authority, default
inline constexpr std::chrono::hours authority_time_max{24 * 7300};   ///< the same, at most
inline constexpr std::chrono::minutes certificate_skew{5};           ///< it is valid from so long before it was made
inline constexpr std::size_t deny_list_bytes_max = 1u << 20;         ///< of the file with serials
inline constexpr std::size_t link_frame_bytes_max = 1u << 20;  ///< one frame of a link; longer messages go in several
inline constexpr std::size_t link_message_bytes_max = payload_bytes_max + (1u << 20);  ///< one message of a link
inline constexpr std::size_t link_hello_bytes_max = 128u << 10;  ///< the first message of a connection between nodes
inline constexpr std::size_t link_read_bytes = 4u << 10;  ///< read ahead of a frame; more goes where it is wanted
inline constexpr std::size_t link_at_once_bytes_max = 16u << 10;  ///< a message that its sender's thread sends itself
inline constexpr std::size_t link_batch_bytes = 512u << 10;   ///< payloads in one message; one record alone may be more
inline constexpr std::size_t link_text_bytes_max = 1u << 10;  ///< of a reason that one node tells another
inline constexpr std::size_t link_swarms_max = 256;           ///< of one node, in its hello
inline constexpr std::size_t link_places_max = 1'000'000;     ///< replicas in one placement of a swarm
inline constexpr std::size_t link_presences_max = 10'000;     ///< bees and gateways in one message of who is there

inline constexpr std::chrono::milliseconds link_heartbeat_interval{500};  ///< between two on one link
inline constexpr std::chrono::seconds link_silence_max{3};                ///< nothing on a link's control: it is down
inline constexpr std::chrono::seconds link_hello_time_max{5};             ///< from a connection to the link
inline constexpr std::chrono::milliseconds link_delay_min{
    100};  ///< before a node is dialled again; doubled while it is not there
inline constexpr std::chrono::milliseconds link_delay_max{5000};
inline constexpr std::chrono::milliseconds link_lasted_time{
    1000};  ///< one that was there for so long begins with the least delay again
inline constexpr std::size_t link_output_bytes_max =
    256u << 20;  ///< waiting for one node; more, and nothing of it moves for link_silence_max: its link ends
inline constexpr std::size_t link_proxies_max = 1'000'000;     ///< bees and gateways of one node, as it names them
inline constexpr std::chrono::seconds placement_wait_max{10};  ///< for all nodes, before the first placement
inline constexpr std::chrono::milliseconds placement_settle_time{100};     ///< from a change of links to a decision
inline constexpr std::chrono::milliseconds placement_reach_time{1000};     ///< the same, for nodes that others see
inline constexpr std::uint64_t placement_epoch_max = 281'474'976'710'656;  ///< that a node takes that knows none
inline constexpr std::uint64_t placement_steps_max = 1'000'000;            ///< that one may be ahead of its own
inline constexpr std::chrono::seconds lost_gateway_time_max{
    30};                                              ///< that answers for the clients of a lost node are kept
inline constexpr std::size_t link_newcomers_max = 4;  ///< connections of one node that have not said hello

inline constexpr std::uint32_t bench_clients_max = 10'000;            ///< connections of `skep bench`
inline constexpr std::uint32_t bench_in_flight = 1024;                ///< of one, with a rate, default
inline constexpr std::uint32_t bench_in_flight_max = 65'536;          ///< of one: sent, and not answered
inline constexpr double bench_rate_min = 0.001;                       ///< requests a second
inline constexpr double bench_rate_max = 10'000'000;                  ///< the same
inline constexpr double bench_rate = 100;                             ///< where a search for the highest one begins
inline constexpr std::uint32_t bench_rates_max = 64;                  ///< tried in one search
inline constexpr std::chrono::seconds bench_duration{10};             ///< of a measurement, default
inline constexpr std::chrono::seconds bench_warm_up{1};               ///< before it, default
inline constexpr std::chrono::hours bench_duration_max{24};           ///< of either
inline constexpr std::chrono::seconds bench_request_time{30};         ///< from when a request is due, default
inline constexpr std::chrono::minutes bench_request_time_max{60};     ///< the same, at most
inline constexpr std::chrono::seconds bench_connect_time_max{5};      ///< of one connection, with its handshake
inline constexpr std::chrono::milliseconds bench_connect_delay{100};  ///< before a lost connection is made anew
inline constexpr std::chrono::milliseconds bench_late_max{5};         ///< sent so late, the schedule was not kept
inline constexpr std::size_t bench_payload_file_bytes_max = 64u << 20;
inline constexpr std::size_t bench_template_bytes_max = 64u << 10;
inline constexpr std::size_t bench_error_codes_max = 32;  ///< told apart; all further ones are one

}  // namespace skep::limits
