#pragma once
// State in a header: what two versions of a plug-in would share, if they shared anything.

#include <string>

#include "skep/actors/bee_class.hpp"

namespace counted {

/// One for all instantiations of a template: by default a unique symbol of the whole process.
template <class T>
struct Static {
  inline static int count = 0;
};

inline int next() {
  static int calls = 0;  // the same
  return ++calls + ++Static<int>::count;
}

inline std::string version() {
  static const std::string text = "version " + std::to_string(VERSION);
  return text;
}

/// Answers each record with the version it is of and how often it was asked.
class Count final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Count>& c) { c.summary("Counts in " + version() + "."); }
  void on_record(skep::Record record, skep::Outbox& out) override {
    out.emit(record.with(skep::Payload::raw(version() + ": " + std::to_string(next() / 2))));
  }
};

}  // namespace counted
