#pragma once
// The elements of long arrays of a document, as far as one of them was asked for.
//
// simdjson walks to each from the first, so that whoever reads `$.items[0]`, `$.items[1]` and so on would take time
// that grows with the square of their number. Lifetime: that of the document. Threads: one.

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

class JsonElements {
 public:
  /// Of `array`, which is the one at `path`. Nothing past its end.
  [[nodiscard]] std::optional<simdjson::dom::element> at(std::string_view path, simdjson::dom::array array,
                                                         std::size_t index);
  /// Elements walked over so far: what reading has cost.
  [[nodiscard]] std::uint64_t walked() const noexcept { return walked_; }

 private:
  /// As far as one was asked for, and where it goes on.
  struct Known {
    std::vector<simdjson::dom::element> elements;
    simdjson::dom::array::iterator next, end;
  };

  std::map<std::string, Known, std::less<>> known_;
  std::uint64_t walked_ = 0;
};

}  // namespace skep
