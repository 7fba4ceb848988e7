#pragma once
// The error that a client gets instead of an answer.

#include <string>

#include "skep/serialization/errc.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

struct Failure {
  errc code;
  std::string message;
  bool retry_safe = false;  ///< true only if the request never left its gateway

  /// `{"error": {"code": "bad_record", "message": "...", "retry": "safe"}}`, one line, without a line end.
  [[nodiscard]] std::string to_json() const;
};

}  // namespace skep
