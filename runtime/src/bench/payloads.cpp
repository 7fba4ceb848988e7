#include "bench/payloads.hpp"

#include <algorithm>

#include "skep/actors/option.hpp"
#include "skep/serialization/limits.hpp"

namespace skep::bench {

Result<Payloads> Payloads::of_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > limits::payload_bytes_max) {
      return Error{errc::too_large, "its line " + std::to_string(number) + " has more than " +
                                        skep::to_string(ByteSize{limits::payload_bytes_max}) + " (payload_bytes_max)"};
    }
    if (!line.empty()) lines.emplace_back(line);
  }
  if (lines.empty()) return Error{errc::invalid_argument, "it has no records: one a line is expected"};
  return Payloads(std::move(lines));
}

std::string_view Payloads::make(const PayloadTemplate::Values& values) {
  if (const auto* lines = std::get_if<std::vector<std::string>>(&source_))
    return (*lines)[values.number % lines->size()];
  made_.clear();
  std::get<PayloadTemplate>(source_).write(values, random_, made_);
  return made_;
}

}  // namespace skep::bench
