// Messages of a link, without their frames.

#include "link_fuzz.hpp"

using namespace skep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode(Buffer::copy_of(fuzz::bytes_of(data, size)), fuzz::now);
  if (!message) {
    fuzz::require(message.error().code == errc::bad_record && !message.error().message.empty());
    return 0;
  }
  if (const auto* remote = std::get_if<RemoteBatch>(&*message)) {
    fuzz::require(remote->batch.packet.bytes <= size);
  }
  fuzz::check_message(*message);
  return 0;
}
