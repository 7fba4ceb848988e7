#pragma once
// Texts that are UTF-8 and texts that are not, and where that shows.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace skep::testing {

struct Utf8Sequence {
  std::string name;
  std::string bytes;
  std::size_t wrong_at;  ///< the first wrong byte; the size of one that ends within a character; `right`
};

inline constexpr std::size_t right = static_cast<std::size_t>(-1);

inline std::vector<Utf8Sequence> right_sequences() {
  return {
      {"nothing", "", right},
      {"ASCII", "Hello-world, hello, good-bye", right},
      {"U+0000", std::string("\0", 1), right},
      {"U+007F", "\x7F", right},
      {"U+0080, the first of two bytes", "\xC2\x80", right},
      {"U+07FF, the last of two bytes", "\xDF\xBF", right},
      {"U+0800, the first of three bytes", "\xE0\xA0\x80", right},
      {"U+0FFF", "\xE0\xBF\xBF", right},
      {"U+1000", "\xE1\x80\x80", right},
      {"U+CFFF", "\xEC\xBF\xBF", right},
      {"U+D000", "\xED\x80\x80", right},
      {"U+D7FF, before the surrogates", "\xED\x9F\xBF", right},
      {"U+E000, after the surrogates", "\xEE\x80\x80", right},
      {"U+FFFD, the replacement character", "\xEF\xBF\xBD", right},
      {"U+FFFE, no character", "\xEF\xBF\xBE", right},
      {"U+FFFF, no character", "\xEF\xBF\xBF", right},
      {"U+FEFF, a byte order mark", "\xEF\xBB\xBFtext", right},
      {"U+FDD0, no character", "\xEF\xB7\x90", right},
      {"U+10000, the first of four bytes", "\xF0\x90\x80\x80", right},
      {"U+1FFFE, no character", "\xF0\x9F\xBF\xBE", right},
      {"U+3FFFF", "\xF0\xBF\xBF\xBF", right},
      {"U+40000", "\xF1\x80\x80\x80", right},
      {"U+FFFFF", "\xF3\xBF\xBF\xBF", right},
      {"U+100000", "\xF4\x80\x80\x80", right},
      {"U+10FFFF, the last", "\xF4\x8F\xBF\xBF", right},
      {"Greek", "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", right},
      {"German", "Hello-\xC2\xB5@\xC3\x9F\xC3\xB6\xC3\xA4\xC3\xBC\xC3\xA0\xC3\xA1-UTF-8!!", right},
      {"Japanese", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", right},
      {"a bee", "\xF0\x9F\x90\x9D", right},
      {"of one to four bytes", "a\xC2\xA2\xE2\x82\xAC\xF0\x90\x8D\x88z", right},
      {"of four to one bytes",
       "\xF0\x90\x8D\x88\xE2\x82\xAC\xC2\xA2"
       "a",
       right},
  };
}

inline std::vector<Utf8Sequence> wrong_sequences() {
  return {
      {"a continuation byte, the first", "\x80", 0},
      {"a continuation byte, the last", "\xBF", 0},
      {"seven continuation bytes", "\x80\xBF\x80\xBF\x80\xBF\x80", 0},
      {"a continuation byte after ASCII", "abc\x80", 3},
      {"a continuation byte too many, of two", "\xC2\x80\x80", 2},
      {"a continuation byte too many, of three", "\xE2\x82\xAC\x80", 3},
      {"a continuation byte too many, of four", "\xF0\x9F\x90\x9D\x80", 4},
      {"0xFE", "\xFE", 0},
      {"0xFF", "\xFF", 0},
      {"0xFF after ASCII", "a\xFF", 1},
      {"0xFF within a character", "\xE2\x82\xFF", 2},
      {"/ in two bytes", "\xC0\xAF", 0},
      {"/ in three bytes", "\xE0\x80\xAF", 1},
      {"/ in four bytes", "\xF0\x80\x80\xAF", 1},
      {"/ in five bytes", "\xF8\x80\x80\x80\xAF", 0},
      {"/ in six bytes", "\xFC\x80\x80\x80\x80\xAF", 0},
      {"U+0000 in two bytes", "\xC0\x80", 0},
      {"U+0000 in three bytes", "\xE0\x80\x80", 1},
      {"U+0000 in four bytes", "\xF0\x80\x80\x80", 1},
      {"U+007F in two bytes", "\xC1\xBF", 0},
      {"U+07FF in three bytes", "\xE0\x9F\xBF", 1},
      {"U+FFFF in four bytes", "\xF0\x8F\xBF\xBF", 1},
      {"U+200000 in five bytes", "\xF8\x88\x80\x80\x80", 0},
      {"U+3FFFFFF in five bytes", "\xFB\xBF\xBF\xBF\xBF", 0},
      {"U+4000000 in six bytes", "\xFC\x84\x80\x80\x80\x80", 0},
      {"U+7FFFFFFF in six bytes", "\xFD\xBF\xBF\xBF\xBF\xBF", 0},
      {"U+D800, the first surrogate", "\xED\xA0\x80", 1},
      {"U+DB7F", "\xED\xAD\xBF", 1},
      {"U+DB80", "\xED\xAE\x80", 1},
      {"U+DBFF", "\xED\xAF\xBF", 1},
      {"U+DC00", "\xED\xB0\x80", 1},
      {"U+DF80", "\xED\xBE\x80", 1},
      {"U+DFFF, the last surrogate", "\xED\xBF\xBF", 1},
      {"U+10000 as two surrogates", "\xED\xA0\x80\xED\xB0\x80", 1},
      {"U+10FFFF as two surrogates", "\xED\xAF\xBF\xED\xBF\xBF", 1},
      {"a surrogate within text",
       "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80"
       "edited",
       12},
      {"U+110000", "\xF4\x90\x80\x80", 1},
      {"U+13FFFF", "\xF4\xBF\xBF\xBF", 1},
      {"U+140000", "\xF5\x80\x80\x80", 0},
      {"U+1FFFFF", "\xF7\xBF\xBF\xBF", 0},
      {"U+110000 within text",
       "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xF4\x90\x80\x80"
       "edited",
       12},
      {"a first byte of two, and a space", "\xC2 ", 1},
      {"a last first byte of two, and a space", "\xDF ", 1},
      {"a first byte of three, and a space", "\xE0 ", 1},
      {"a last first byte of three, and a space", "\xEF ", 1},
      {"a first byte of four, and a space", "\xF0 ", 1},
      {"a last first byte of four, and a space", "\xF4 ", 1},
      {"two bytes of three, and a space", "\xE2\x82 ", 2},
      {"two bytes of four, and a space", "\xF0\x9F ", 2},
      {"three bytes of four, and a space", "\xF0\x9F\x90 ", 3},
      {"two bytes of three, and another character", "\xE2\x82\xC2\xA2", 2},
      {"three bytes of four, and another character", "\xF0\x9F\x90\xF0\x9F\x90\x9D", 3},
      {"a first byte, and another", "\xC3\xC3\xA4", 1},
      {"Latin 1", "caf\xE9, na\xEFve", 4},
      {"UTF-16",
       std::string("\xFF\xFE"
                   "a\0",
                   4),
       0},
  };
}

inline std::vector<Utf8Sequence> cut_sequences() {
  return {
      {"ends after the first of two", "\xC2", 1},
      {"ends after the first of three", "\xE2", 1},
      {"ends after two of three", "\xE2\x82", 2},
      {"ends after the first of four", "\xF0", 1},
      {"ends after two of four", "\xF0\x9F", 2},
      {"ends after three of four", "\xF0\x9F\x90", 3},
      {"ends within a character, after text", "text \xE2\x82", 7},
      {"ends within the last character of all", "\xF4\x8F\xBF", 3},
      {"ends after 0xE0", "\xE0", 1},
      {"ends after 0xED", "\xED", 1},
      {"ends after 0xF4", "\xF4", 1},
  };
}

}  // namespace skep::testing
