#pragma once
// What can go wrong, as far as a caller or a client can act on it. Detail belongs to the message.

#include <cstdint>
#include <string_view>

namespace skep {

enum class errc : std::uint8_t {
  // Told to clients.
  bad_record = 1,     ///< the bytes do not hold what they should; sending them again is pointless
  too_large,          ///< over a limit; the message names it, its value and the setting that raises it
  overloaded,         ///< refused at admission, or by a bee that holds all it may; try later
  deadline_exceeded,  ///< not answered in time
  bee_failed,         ///< a bee threw, and the record was not processed; or its answer cannot be sent
  rejected,           ///< a bee refused the record (`Outbox::fail`)
  dropped,            ///< a bee dropped the record, with its reason
  unavailable,        ///< shutting down or not yet up
  // Told to callers.
  invalid_argument,  ///< a file, option or argument is wrong
  not_found,         ///< no such file, class, plug-in, model
  io,                ///< the operating system refused; the message carries its words
  incompatible,      ///< another ABI, schema or version
  timed_out,         ///< did not finish in time
  // Told to clients, too.
  unauthorized,  ///< no token that is right came before the request
};

/// The code as clients see it: "bad_record", "too_large", ...
[[nodiscard]] std::string_view to_string(errc code) noexcept;

}  // namespace skep
