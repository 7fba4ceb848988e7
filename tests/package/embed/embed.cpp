// A program with a node in it: a bee class of its own, no plug-in. Runs swarm files until its input ends.

#include <cstdlib>
#include <iostream>
#include <string>

#include "skep/actors/bee_class.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node.hpp"

namespace {

class Reverse final : public skep::Bee {
 public:
  static void describe(skep::BeeClass<Reverse>& c) { c.summary("Turns text round.").input(skep::ContentKind::raw); }

  void on_record(skep::Record record, skep::Outbox& out) override {
    const auto text = record.text();
    out.emit(record.with(skep::Payload::raw(std::string(text.rbegin(), text.rend()))));
  }
};

}  // namespace

int main(int argc, char** argv) {
  skep::Log log({.level = skep::LogLevel::warning});
  skep::Node node(skep::NodeConfig{.name = "embedded"}, log);
  node.bees().add<Reverse>("embed.reverse");
  for (int i = 1; i < argc; ++i) {
    const auto started = node.start(argv[i], {});
    for (const auto& problem : started.problems) std::cerr << problem.message << '\n';
    if (started.swarm == nullptr) return EXIT_FAILURE;
    for (const auto& gateway : started.swarm->totals().gateways) std::cout << gateway.address << std::endl;
  }
  for (std::string line; std::getline(std::cin, line);) {
  }
  return node.drain() ? EXIT_SUCCESS : EXIT_FAILURE;
}
