#pragma once
// What is wrong with a Cap'n Proto message, for whoever sent it. The library's own words are about its sources: they go
// to nobody.

namespace skep {

inline constexpr const char* why_malformed = "a pointer, a size or a text in it is wrong";

}  // namespace skep
