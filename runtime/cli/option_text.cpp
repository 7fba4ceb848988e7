#include "option_text.hpp"

#include <algorithm>
#include <sstream>

namespace skep::cli {
namespace {

constexpr std::size_t line_width = 110;
constexpr std::size_t margin = 2;  // before an option
constexpr std::size_t gap = 3;     // after it

std::string left_of(const OptionLine& line) {
  return line.value.empty() ? line.flags : line.flags + " " + line.value;
}

/// `doc` in lines that begin at `column`, where the first one stands already.
std::string wrapped(const std::string& doc, std::size_t column) {
  std::istringstream words(doc);
  std::string text;
  std::size_t at = column;
  for (std::string word; words >> word;) {
    const bool first = at == column;
    if (!first && at + 1 + word.size() > line_width) {
      text += "\n" + std::string(column, ' ') + word;
      at = column + word.size();
    } else {
      text += (first ? "" : " ") + word;
      at += (first ? 0 : 1) + word.size();
    }
  }
  return text;
}

}  // namespace

std::string option_text(const std::vector<OptionLine>& lines) {
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, left_of(line).size());
  std::string text;
  for (const auto& line : lines) {
    const auto left = left_of(line);
    text += std::string(margin, ' ') + left + std::string(width - left.size() + gap, ' ') +
            wrapped(line.doc, margin + width + gap) + '\n';
  }
  return text;
}

}  // namespace skep::cli
