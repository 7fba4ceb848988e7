#pragma once
// Lint with a few bee classes and two gateway types.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "skep/runtime/lint.hpp"

namespace skep {

/// Two ports and an option.
class Sorter final : public Bee {
 public:
  struct Options {
    std::int64_t limit = 1;
  };
  static void describe(BeeClass<Sorter>& c) {
    c.output("rejected", &Sorter::rejected_).option("limit", &Options::limit, {.min = 1, .max = 9});
  }
  explicit Sorter(Options) {}

 private:
  Port rejected_;
};

class Plain final : public Bee {};

/// Ends every record.
class Sink final : public Bee {
 public:
  static void describe(BeeClass<Sink>& c) { c.no_default_output(); }
};

/// No default output, and a side output.
class Splitter final : public Bee {
 public:
  static void describe(BeeClass<Splitter>& c) {
    c.no_default_output().output("good", &Splitter::good_).output("bad", &Splitter::bad_, {.side = true});
  }

 private:
  Port good_, bad_;
};

class Batched final : public Bee {
 public:
  void on_batch(std::span<Record>, Outbox&) override {}
};

class Holding final : public Bee {
 public:
  static void describe(BeeClass<Holding>& c) { c.holds_records(); }
};

class ReadsJson final : public Bee {
 public:
  static void describe(BeeClass<ReadsJson>& c) { c.input(ContentKind::json); }
};

class ReadsTensors final : public Bee {
 public:
  static void describe(BeeClass<ReadsTensors>& c) { c.input(ContentKind::tensor).input(ContentKind::capnp); }
};

/// Ports by option.
class Router final : public Bee {
 public:
  struct Options {
    std::vector<std::string> ports;
  };
  static void describe(BeeClass<Router>& c) {
    c.option("ports", &Options::ports).outputs_from([](const Options& options) {
      std::vector<PortDescription> ports;
      for (const auto& name : options.ports) ports.push_back({name, ""});
      return ports;
    });
  }
  explicit Router(Options) {}
};

inline ConfiguredGateway configure_socket(const OptionValue& options, SourcePosition where) {
  ConfiguredGateway gateway;
  const auto* listen = options.find("listen");
  const auto* text = listen == nullptr ? nullptr : std::get_if<std::string>(&listen->value);
  if (text == nullptr) {
    gateway.problems.push_back({where, "a socket needs 'listen'", ""});
  } else {
    gateway.listen = *parse_host_port(*text);
  }
  const auto* threads = options.find("threads");
  if (threads != nullptr) gateway.threads = static_cast<std::uint32_t>(std::get<std::int64_t>(threads->value));
  return gateway;
}

class LintTest : public ::testing::Test {
 protected:
  LintTest() {
    bees_.add<Sorter>("test.sorter");
    bees_.add<Plain>("test.plain");
    bees_.add<Sink>("test.sink");
    bees_.add<Splitter>("test.splitter");
    bees_.add<Batched>("test.batched");
    bees_.add<Holding>("test.holding");
    bees_.add<ReadsJson>("test.json");
    bees_.add<ReadsTensors>("test.tensors");
    bees_.add<Router>("test.router");
    gateways_.add({{"socket", "", {}}, configure_socket});
    gateways_.add({{"memory", "", {}}, [](const OptionValue&, SourcePosition) { return ConfiguredGateway{}; }});
  }

  LintResult run(const std::string& text) {
    return lint(parse_swarm("name = \"s\"\n" + text, "s.toml", {}), bees_, gateways_);
  }
  std::vector<std::string> problems(const std::string& text) {
    std::vector<std::string> texts;
    for (const auto& problem : run(text).problems) texts.push_back(problem.to_string());
    return texts;
  }

  BeeRegistry bees_;
  GatewayRegistry gateways_;
};

/// in -> a -> b, and b answers.
inline const std::string chain = R"([gateways.in]
type = "memory"
answers = "b"
[bees.a]
class = "test.plain"
from = "in"
[bees.b]
class = "test.batched"
from = "a"
)";

}  // namespace skep
