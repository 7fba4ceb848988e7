#include "skep/serialization/errc.hpp"

namespace skep {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::bad_record:
      return "bad_record";
    case errc::too_large:
      return "too_large";
    case errc::overloaded:
      return "overloaded";
    case errc::deadline_exceeded:
      return "deadline_exceeded";
    case errc::bee_failed:
      return "bee_failed";
    case errc::rejected:
      return "rejected";
    case errc::dropped:
      return "dropped";
    case errc::unavailable:
      return "unavailable";
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::not_found:
      return "not_found";
    case errc::io:
      return "io";
    case errc::incompatible:
      return "incompatible";
    case errc::timed_out:
      return "timed_out";
    case errc::unauthorized:
      return "unauthorized";
  }
  return "unknown";
}

}  // namespace skep
