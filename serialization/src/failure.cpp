#include "skep/serialization/failure.hpp"

#include <capnp/message.h>

#include <cstring>

#include "json_text.hpp"
#include "skep/schema/record.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/record.hpp"
#include "skep/serialization/typed.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

/// Codes that callers alone see are `unknown` to other nodes.
wire::ErrorCode to_wire(errc code) noexcept {
  return code <= errc::unavailable ? static_cast<wire::ErrorCode>(code) : wire::ErrorCode::UNKNOWN;
}

/// A code of a newer version, or none, is the failure of a bee as far as a client is concerned.
errc from_wire(wire::ErrorCode code) noexcept {
  const auto number = static_cast<std::uint16_t>(code);
  const bool known = number > 0 && number <= static_cast<std::uint16_t>(errc::unavailable);
  return known ? static_cast<errc>(number) : errc::bee_failed;
}

}  // namespace

std::string Failure::to_json() const {
  std::string out = "{\"error\": {\"code\": \"";
  out.append(to_string(code)).append("\", \"message\": ");
  append_json_string(utf8_prefix(message, limits::failure_message_bytes_max), out);
  out.append(", \"retry\": \"").append(retry_safe ? "safe" : "unknown").append("\"}}");
  return out;
}

Record Record::failure(errc code, std::string_view message) const {
  constexpr std::size_t words = 16 + limits::failure_message_bytes_max / sizeof(capnp::word);
  capnp::word scratch[words] = {};
  capnp::MallocMessageBuilder builder(kj::arrayPtr(scratch, words));
  const auto cut = utf8_prefix(message, limits::failure_message_bytes_max);
  auto error = builder.initRoot<wire::Error>();
  error.setCode(to_wire(code));
  auto text = error.initMessage(static_cast<unsigned>(cut.size()));
  if (!cut.empty()) std::memcpy(text.begin(), cut.data(), cut.size());
  return with(Payload::message(builder, {ContentKind::error, 0}));
}

Failure Record::as_failure() const {
  if (content().kind != ContentKind::error) throw BadRecord("the record is no error");
  OpenMessage message(*this);
  Failure failure{errc::bee_failed, {}, false};
  message.read([&] {
    const auto error = message.root<wire::Error>();
    const auto text = error.getMessage();
    failure.code = from_wire(error.getCode());
    failure.message = utf8_prefix({text.begin(), text.size()}, limits::failure_message_bytes_max);
    failure.retry_safe = error.getRetrySafe();
  });
  return failure;
}

}  // namespace skep
