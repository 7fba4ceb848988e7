#pragma once
// Messages of a link to frames and back. Pure: callers pass the time.
//
// What a program encodes is within the limits (asserted), but for texts, which are cut. What it decodes is another
// program's word: whatever a bee, a gateway or the cluster's decisions could stumble over is refused here.
// Times travel as time that is left or has passed, since clocks of two nodes differ.

#include <vector>

#include "link/link_message.hpp"
#include "skep/serialization/payload.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

/// Frames, for `each_piece`.
[[nodiscard]] Buffer encode(const LinkHello& hello);
[[nodiscard]] Buffer encode(const LinkRefusal& refusal);
[[nodiscard]] Buffer encode(const LinkHeartbeat& heartbeat);
[[nodiscard]] Buffer encode(const RemoteAck& ack);
[[nodiscard]] Buffer encode(const PlacementNotice& notice);
/// At most limits::link_presences_max at a time.
[[nodiscard]] Buffer encode(const PresenceNotice& notice);

/// One message, or several that say the same: each with limits::link_batch_bytes of payloads at most, but for a larger
/// record, which goes alone, and limits::batch_records_max records. `packet.bytes` is not sent, nor `packet.receiver`,
/// which is `to.epoch` where a session is kept (asserted).
[[nodiscard]] std::vector<Buffer> encode(const RemoteBatch& batch, Deadline now);

/// `body` is a message as LinkFrameReader gives it; payloads of 1 KiB and more stay slices of it.
/// Errors: `errc::bad_record` for whatever is not such a message within the limits.
[[nodiscard]] Result<LinkMessage> decode(const Buffer& body, Deadline now);

}  // namespace skep
