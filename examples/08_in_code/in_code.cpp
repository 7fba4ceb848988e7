// Usage: in_code [--toml | <host:port>]
// Runs the swarm until its input ends, or prints it as a swarm file.

#include <cstdlib>
#include <iostream>
#include <string>

#include "in_code.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/node.hpp"
#include "skep/runtime/swarm_writer.hpp"

int main(int argc, char** argv) {
  const std::string argument = argc > 1 ? argv[1] : "";
  skep::Log log({.level = skep::LogLevel::info});
  skep::NodeConfig config;
  config.name = "numbers";
  skep::Node node(config, log);
  const auto swarm = in_code::numbers(node.bees(), argument.empty() || argument == "--toml" ? "127.0.0.1:0" : argument);
  if (argument == "--toml") {
    std::cout << to_toml(swarm.spec());
    return EXIT_SUCCESS;
  }
  const auto started = node.start(swarm.build(node.catalog()));
  for (const auto& problem : started.problems) std::cerr << problem.to_string() << '\n';
  if (started.swarm == nullptr) return EXIT_FAILURE;
  for (const auto& gateway : started.swarm->totals().gateways) std::cout << gateway.address << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return node.drain() ? EXIT_SUCCESS : EXIT_FAILURE;
}
