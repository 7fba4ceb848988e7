#pragma once
// What becomes of records that a ready-made bee does not pass on, where they were wanted by somebody: the option
// `otherwise`, with the port that it adds. Their clients are told why, where an answer could have come.

#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/bee_class.hpp"

namespace skep {

struct RefusalOptions {
  std::string otherwise = "drop";
};

/// Adds the option and its port to a class that has no other port of its own.
template <class Described>
void describe_refusal(Described& c) {
  using Options = typename Described::Options;
  static const auto others = [] {
    return std::vector<PortDescription>{
        {.name = "rejected", .doc = "the other records, with otherwise = \"rejected\"", .side = true}};
  };
  c.option("otherwise", &Options::otherwise,
           "the others are dropped, or sent to the port \"rejected\"; their clients are told",
           {.one_of = {"drop", "rejected"}})
      .outputs_from(
          [](const Options& options) {
            return options.otherwise == "rejected" ? others() : std::vector<PortDescription>();
          },
          others());
}

inline void refuse(Record record, std::string_view reason, const RefusalOptions& options, Outbox& out) {
  constexpr Port rejected{1};  // there only where `otherwise` asks for it
  if (options.otherwise == "rejected") return out.reject(rejected, std::move(record), reason);
  out.drop(record, reason);
}

}  // namespace skep
