#pragma once
// Limits of gateways. Most are defaults of an option of the gateway, as the table of all layers in docs/OPERATING.md
// says; the others are constants.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skep::limits {

inline constexpr std::uint32_t io_threads_max = 64;  ///< of a node, and of a gateway: sockets and their sessions
inline constexpr std::chrono::milliseconds inline_run_time_max{
    5};  ///< of a bee on an I/O thread; another one then takes over, at twice that at the latest
inline constexpr std::size_t inline_bees_max = 2;  ///< waiting to run on an I/O thread; others go to the scheduler
inline constexpr std::uint32_t gateway_sessions_max = 4096;        ///< open connections of one gateway
inline constexpr std::uint32_t gateway_requests_max = 4096;        ///< admitted and unanswered, one gateway
inline constexpr std::uint32_t session_requests_max = 1024;        ///< admitted and unanswered, one session
inline constexpr std::size_t node_payload_bytes_max = 256u << 20;  ///< open requests of all gateways of a node
inline constexpr std::size_t reply_reserve = 4u << 10;             ///< of that, for the answer of each request
inline constexpr std::size_t buffers_percent_max = 50;             ///< of that, for unfinished frames, unread answers
inline constexpr std::size_t session_free_bytes = 16u << 10;       ///< of those, one session's outside the budget
inline constexpr std::chrono::seconds request_deadline{30};        ///< from admission to answer
inline constexpr std::chrono::seconds session_idle_max{
    60};  ///< tcp: nothing read and nothing owed; websocket: nothing heard
inline constexpr std::chrono::seconds frame_time_max{60};           ///< one frame or message, from its first byte
inline constexpr std::chrono::seconds write_stall_max{10};          ///< a client that does not read its answers
inline constexpr std::chrono::seconds expiry_report_interval{10};   ///< between log lines of a gateway about deadlines
inline constexpr std::size_t session_write_bytes_max = 4u << 20;    ///< answers waiting to be written, one session
inline constexpr std::size_t session_read_ahead_bytes = 64u << 10;  ///< read while input is paused
inline constexpr std::size_t reply_bytes_max = 4u << 20;            ///< one answer
inline constexpr std::chrono::seconds upgrade_time_max{10};         ///< WebSocket: HTTP header, whole
inline constexpr std::size_t upgrade_header_bytes_max = 16u << 10;
inline constexpr std::size_t upgrade_header_fields_max = 100;
inline constexpr std::size_t websocket_message_bytes_max = 4u << 20;
inline constexpr std::size_t websocket_message_frames_max = 128;      ///< and one more for each
inline constexpr std::size_t websocket_frame_bytes_usual = 1u << 10;  ///< of the message: libraries cut at 4 KiB
inline constexpr std::chrono::seconds websocket_ping_interval{20};
inline constexpr std::uint32_t websocket_control_rate = 10;          ///< pings, and pongs nobody asked for, a second
inline constexpr std::chrono::seconds websocket_control_period{10};  ///< so long a rate may come at once
inline constexpr std::chrono::seconds drain_time_max{10};            ///< open requests at shutdown
inline constexpr std::chrono::seconds close_time_max{2};             ///< for a peer to end a connection in good order
inline constexpr std::chrono::seconds connect_time_max{5};           ///< one attempt of a connecting gateway
inline constexpr std::chrono::milliseconds connect_delay_min{100};   ///< back-off of a connecting gateway
inline constexpr std::chrono::milliseconds connect_delay_max{5000};
inline constexpr std::size_t gateway_submissions_max = 4096;            ///< custom gateway: waiting to be taken up
inline constexpr std::size_t gateway_submission_bytes_max = 16u << 20;  ///< the same, in bytes; one alone passes
inline constexpr std::size_t gateway_watches_max = 256;                 ///< descriptors of one custom gateway
inline constexpr std::size_t status_connections_max = 16;            ///< of the metrics port; then the oldest one goes
inline constexpr std::size_t status_header_bytes_max = 8u << 10;     ///< of one request to the metrics port
inline constexpr std::chrono::seconds status_header_time_max{5};     ///< from the connection to the whole header
inline constexpr std::chrono::seconds status_write_time_max{10};     ///< for a client to read its page
inline constexpr std::size_t peer_name_bytes_max = 64;               ///< of a cluster, and of a member of one
inline constexpr std::chrono::hours certificate_warn_time{24 * 14};  ///< before its end, that is warned of
inline constexpr std::chrono::hours certificate_warn_interval{24};   ///< and again, as long as it is in use
inline constexpr std::size_t subject_bytes_max = 128;                ///< of a client's certificate, in the log
inline constexpr std::size_t certificate_names_max = 64;             ///< DNS names and addresses of one certificate
inline constexpr std::size_t authorities_max = 8;        ///< certificates of authorities that are trusted at once
inline constexpr std::size_t certificate_chain_max = 8;  ///< certificates from a leaf to its authority, both counted
inline constexpr std::size_t certificate_file_bytes_max = 64u << 10;  ///< of a file with certificates or a key
inline constexpr std::size_t tls_handshake_bytes_max = 64u << 10;     ///< of a peer, until it is known
inline constexpr std::chrono::seconds tls_handshake_time_max{5};      ///< the same
inline constexpr std::size_t unknown_peers_max =
    256;  ///< connections of peers that are not known yet; then the oldest goes
inline constexpr std::uint32_t tls_messages_between_data_max = 32;  ///< of the protocol itself, with no byte of data
inline constexpr std::size_t gateway_newcomers_max = 256;  ///< clients that have not shaken hands; then the oldest goes
inline constexpr std::size_t tokens_max = 64;              ///< of one gateway: each is compared every time
inline constexpr std::size_t token_name_bytes_max = 64;    ///< for people: it stands in the log
inline constexpr std::size_t tokens_file_bytes_max = 64u << 10;
inline constexpr std::size_t token_line_bytes_max = 512;   ///< what a client sends as its token, the word before it too
inline constexpr std::chrono::seconds token_time_max{5};   ///< tcp: from the connection to its token
inline constexpr std::uint32_t address_sessions_max = 64;  ///< open connections of one address
inline constexpr std::uint32_t address_rate = 20;          ///< new connections a second of one address
inline constexpr std::uint32_t address_burst = 40;         ///< of those, at once
inline constexpr std::uint32_t wrong_tokens_max = 20;      ///< of one address in the period; then none is looked at
inline constexpr std::chrono::seconds wrong_tokens_period{60};
inline constexpr std::size_t addresses_max = 16384;  ///< that one gateway remembers

}  // namespace skep::limits
