#pragma once
// Limits of bytes and values. Every one has a default here; docs/OPERATING.md has the table of all layers.

#include <cstddef>
#include <cstdint>

namespace skep::limits {

inline constexpr std::size_t payload_bytes_max = 64u << 20;      ///< one record's payload
inline constexpr std::size_t key_bytes_max = 1024;               ///< one record's key
inline constexpr std::size_t header_count_max = 32;              ///< headers of one record
inline constexpr std::size_t header_bytes_max = 8u << 10;        ///< all headers of one record, packed
inline constexpr std::size_t failure_message_bytes_max = 1024;   ///< longer error messages are cut, not refused
inline constexpr std::size_t json_depth_max = 32;                ///< nesting of a JSON document
inline constexpr std::size_t tensor_rank_max = 16;               ///< dimensions of a tensor
inline constexpr std::size_t capnp_nesting_max = 16;             ///< pointer depth of a message
inline constexpr std::size_t capnp_segments_max = 16;            ///< segments of a message
inline constexpr std::uint64_t capnp_traversal_factor = 4;       ///< words read per word received ...
inline constexpr std::uint64_t capnp_traversal_words_min = 64;   ///< ... plus this
inline constexpr std::size_t schema_nodes_max = 4096;            ///< structs and enums of all payload types
inline constexpr std::size_t schema_node_bytes_max = 64u << 10;  ///< the schema of one of them
inline constexpr std::size_t schema_bytes_max = 16u << 20;       ///< the schemas of all of them
inline constexpr std::size_t batch_records_max = 4096;           ///< records in one encoded batch
inline constexpr std::size_t frame_bytes_max = 4u << 20;         ///< default of one line or frame on a socket
inline constexpr std::size_t payload_alignment = 64;             ///< of payloads that Skep allocates, in bytes
inline constexpr std::size_t pooled_block_bytes_max = 8u << 10;  ///< larger blocks of records come from the heap
inline constexpr std::size_t small_block_bytes_max = 1024;       ///< of those, what there are many of
inline constexpr std::size_t magazine_blocks = 64;               ///< free small blocks that change threads together
inline constexpr std::size_t large_magazine_blocks = 14;         ///< the same, of larger ones
inline constexpr std::size_t depot_bytes_max = 8u << 20;         ///< free blocks that no thread has

}  // namespace skep::limits
