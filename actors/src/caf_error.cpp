#include "skep/actors/caf_error.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace skep {

caf::error to_caf_error(const Error& error) {
  return caf::make_error(caf::sec::runtime_error, static_cast<std::int32_t>(error.code), error.message);
}

Error from_caf_error(const caf::error& error) {
  if (!error) return {errc::unavailable, "ended normally"};  // an empty error has no category to ask
  const auto& context = error.context();
  if (error == caf::sec::runtime_error && context.match_elements<std::int32_t, std::string>()) {
    return {static_cast<errc>(context.get_as<std::int32_t>(0)), context.get_as<std::string>(1)};
  }
  return {errc::unavailable, caf::deep_to_string(error)};
}

}  // namespace skep
