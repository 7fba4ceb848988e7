#include "end_to_end/questions.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t request_digits = 8;
constexpr std::uint32_t stride = 7919;  // a prime: connections do not ask the same at the same time

void write_hex(std::uint32_t value, char* end, std::size_t digits) {
  for (std::size_t i = 0; i < digits; ++i, value >>= 4) *--end = "0123456789abcdef"[value & 15];
}

std::vector<std::string> read_pieces(const std::string& path, std::size_t bytes_each) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> pieces;
  for (std::string piece(bytes_each, '\0'); file.read(piece.data(), static_cast<std::streamsize>(bytes_each));) {
    pieces.push_back(piece);
  }
  if (pieces.empty() || file.gcount() != 0) throw std::runtime_error(path + " has no such pieces");
  return pieces;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  if (lines.empty()) throw std::runtime_error("nothing to read in " + path);
  return lines;
}

}  // namespace

Questions::Questions(std::size_t bytes) {
  const std::string begin = R"({"text":")", middle = R"(","id":")", end = R"("})";
  const auto fixed = begin.size() + middle.size() + 2 * request_digits + end.size();
  if (bytes >= fixed) {
    text_ = begin + std::string(bytes - fixed, 'x') + middle + std::string(2 * request_digits, '0') + end;
    digits_end_ = text_.size() - end.size();
  } else {
    bytes = std::max<std::size_t>(bytes, request_digits + 4);
    text_ = '"' + std::string(bytes - 2, '0') + '"';
    digits_end_ = text_.size() - 1;
  }
  connection_digits_ = std::min(request_digits, bytes - 2 - request_digits);
}

Questions::Questions(const std::string& requests, std::size_t bytes_each, const std::string& endings)
    : lines_(bytes_each == 0 ? read_lines(requests) : read_pieces(requests, bytes_each)) {
  if (!endings.empty()) endings_ = read_lines(endings);
  if (!endings_.empty() && endings_.size() != lines_.size()) {
    throw std::runtime_error(requests + " and " + endings + " do not belong together");
  }
}

std::string_view Questions::question(std::uint32_t connection, std::uint32_t request) {
  if (!lines_.empty()) return lines_[line_of(connection, request)];
  const auto end = text_.data() + digits_end_;
  write_hex(request, end, request_digits);
  write_hex(connection, end - request_digits, connection_digits_);
  return text_;
}

bool Questions::answered(std::uint32_t connection, std::uint32_t request, std::string_view answer) {
  if (endings_.empty()) return answer == question(connection, request);
  return answer.ends_with(endings_[line_of(connection, request)]);
}

std::size_t Questions::line_of(std::uint32_t connection, std::uint32_t request) const {
  return (std::size_t{connection} * stride + request) % lines_.size();
}

}  // namespace bench
