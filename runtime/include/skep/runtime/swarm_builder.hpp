#pragma once
// Builds a swarm in code: the same SwarmSpec as a swarm file gives, with handles so that a wrong edge does not compile.
//
//   skep::SwarmBuilder swarm("hello", node.bees());
//   const auto door = swarm.source("door", "tcp").set("listen", "127.0.0.1:9001").set("content", "raw");
//   const auto greet = swarm.bee<Greet>("greet").from(door).options({.greeting = "Good day"});
//   const auto farewell = swarm.bee<Farewell>("farewell").from(greet);
//   door.answers(farewell);
//   const auto started = node.start(swarm.build(node.catalog()));
//
// Whatever a file can say can be said here (docs/EMBEDDING.md has the table). What is read was made before who reads
// it, so there are no circles and no names of nothing. All else that lint finds, `build` reports, with the file and
// line of the call. Lifetime: outlives its handles; the registry outlives it. May be moved. Threads: one at a time.

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "skep/runtime/catalog.hpp"
#include "skep/runtime/swarm_handles.hpp"

namespace skep {

class SwarmBuilder {
 public:
  /// `bees` knows the names of C++ classes, and learns those of classes that it does not know.
  explicit SwarmBuilder(std::string name, BeeRegistry& bees)
      : draft_(std::make_unique<detail::SwarmDraft>(std::move(name), bees)) {}

  /// A gateway of `type` ("tcp", ...) that takes records in, and may answer them.
  SourceGateway source(std::string name, std::string type, CodePlace place = CodePlace::current()) {
    return {&draft(), draft().add_gateway(std::move(name), std::move(type), place)};
  }
  /// One that sends records out.
  UnfedSink sink(std::string name, std::string type, CodePlace place = CodePlace::current()) {
    return {&draft(), draft().add_gateway(std::move(name), std::move(type), place)};
  }
  /// One that may do both.
  DuplexGateway duplex(std::string name, std::string type, CodePlace place = CodePlace::current()) {
    return {&draft(), draft().add_gateway(std::move(name), std::move(type), place)};
  }

  /// A bee of C++ class `Class`. A class that is not registered yet is, as "swarm.bee"; one that is built from more
  /// than its options has to be registered before.
  template <class Class>
  UnfedBee<Class> bee(std::string name, CodePlace place = CodePlace::current()) {
    static_assert(std::is_base_of_v<Bee, Class>, "a bee's class derives from skep::Bee");
    auto bee_class = draft().class_of(typeid(Class), name, registration<Class>(), place);
    return {&draft(), draft().add_bee(std::move(name), std::move(bee_class), place)};
  }
  /// A bee of a class known by name: "skep.filter", or one of a plug-in.
  UnfedBee<NamedClass> bee(std::string name, std::string bee_class, CodePlace place = CodePlace::current()) {
    return {&draft(), draft().add_bee(std::move(name), std::move(bee_class), place)};
  }

  /// A plug-in that has its bee classes; with a SHA-256, that very file only.
  SwarmBuilder& plugin(std::string name, std::string sha256 = {}, CodePlace place = CodePlace::current());
  SwarmBuilder& delivery(Delivery delivery);
  SwarmBuilder& dead_letters(DeadLetterSettings settings);
  /// Its strategy, intensity and period.
  SwarmBuilder& supervision(SupervisorSettings settings, CodePlace place = CodePlace::current());

  /// What was said so far, unchecked; positions are lines of code.
  [[nodiscard]] SwarmSpec spec() const;
  /// Checked as a file is, and planned: Node::start takes it. Problems are in the order of the calls.
  [[nodiscard]] Catalog::Checked build(Catalog& catalog) const;
  /// The same by another check: a harness's.
  [[nodiscard]] Catalog::Checked build(const std::function<Catalog::Checked(SwarmFile)>& check) const;

 private:
  using Register = void (*)(BeeRegistry&, std::string);

  template <class Class>
  static constexpr Register registration() {
    using Options = typename BeeClass<Class>::Options;
    constexpr bool takes_options = std::is_constructible_v<Class, const Options&>;
    if constexpr (takes_options || (std::is_empty_v<Options> && std::is_default_constructible_v<Class>)) {
      return [](BeeRegistry& bees, std::string name) { bees.add<Class>(std::move(name)); };
    } else {
      return nullptr;
    }
  }

  /// Throws std::logic_error for a builder that was moved from.
  [[nodiscard]] detail::SwarmDraft& draft() const;

  std::unique_ptr<detail::SwarmDraft> draft_;
};

}  // namespace skep
