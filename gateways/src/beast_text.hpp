#pragma once
// Text as Beast has it.

#include <boost/beast/core/string_type.hpp>
#include <string_view>

namespace skep {

[[nodiscard]] inline std::string_view view(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace skep
