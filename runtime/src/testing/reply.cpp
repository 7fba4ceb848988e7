#include <stdexcept>

#include "skep/testing/swarm_harness.hpp"

namespace skep::testing {

Reply::Reply(Record record, std::string text)
    : kind_(Kind::record), text_(std::move(text)), record_(std::move(record)) {}

Reply::Reply(Failure failure, std::string text)
    : kind_(Kind::failure), text_(std::move(text)), failure_(std::move(failure)) {}

const std::string& Reply::text() const {
  if (!answered()) throw std::logic_error("the request was not answered");
  return text_;
}

const Record& Reply::record() const {
  if (!ok()) throw std::logic_error("the answer is no record: " + text());
  return record_;
}

const Failure& Reply::failure() const {
  if (ok() || !answered()) throw std::logic_error("the answer is no failure: " + text());
  return failure_;
}

}  // namespace skep::testing
