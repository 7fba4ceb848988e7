#pragma once
// Whether this build has a sanitizer's allocator in the place of the system's.

#if !defined(__has_feature)
#define __has_feature(name) 0
#endif

namespace skep::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace skep::testing
