#pragma once
// The parts of a swarm that is built in code, as values that know what may be connected to what.
//
// What a SwarmBuilder gives out: small, copied freely, good for as long as the builder's swarm is there, wherever the
// builder itself is moved to. What could not run does not compile, and the compiler says why: a bee that reads from a
// gateway which only sends out, an answer from a gateway, a port of another class, records of another type
// (swarm_edges.hpp). What the compiler cannot know is for SwarmBuilder::build to tell. Threads: those of the builder.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/runtime/swarm_edges.hpp"

namespace skep {

/// The class of a bee that is known by name only: one of `skep.*`, or of a plug-in.
struct NamedClass {};

/// A bee. It cannot be made to read more: so nothing can be connected in a circle.
template <class Class>
class BeeHandle {
 public:
  using Input = typename detail::InputOf<Class>::type;
  using Output = typename detail::OutputOf<Class>::type;
  using Options = typename detail::OptionsOf<Class>::type;

  BeeHandle(detail::SwarmDraft* draft, std::size_t index) : draft_(draft), index_(index) {}

  /// A further output port, beside the default one, by its name; `build` tells if there is none.
  [[nodiscard]] BeePort<AnyRecord> port(std::string name, CodePlace place = CodePlace::current()) const {
    return {draft_, bee().name, std::move(name), draft_->mark(place)};
  }
  template <class Owner, class Record>
  [[nodiscard]] BeePort<Record> port(PortOf<Owner, Record> port, CodePlace place = CodePlace::current()) const {
    static_assert(std::is_base_of_v<Owner, Class>, "this port is one of another class than this bee's");
    return {draft_, bee().name, port.text(), draft_->mark(place)};
  }

  /// The class's own options, all at once; those that are as they are by default need not be said.
  BeeHandle options(const Options& options, CodePlace place = CodePlace::current()) const {
    draft_->add_options(bee().options, BeeClass<Class>("").table(options), place);
    return *this;
  }
  /// The same without their types: `option_table({{"scale", 255}})`.
  BeeHandle option_values(const OptionValue& table, CodePlace place = CodePlace::current()) const {
    draft_->add_options(bee().options, table, place);
    return *this;
  }
  /// One of them.
  BeeHandle set(std::string key, OptionLiteral value, CodePlace place = CodePlace::current()) const {
    draft_->add_option(bee().options, std::move(key), std::move(value).value(), place);
    return *this;
  }
  BeeHandle replicas(std::uint32_t count) const { return with(&BeeSpec::replicas, count); }
  BeeHandle batch(BatchSettings batch) const { return with(&BeeSpec::batch, batch); }
  BeeHandle execution(Execution execution) const { return with(&BeeSpec::execution, execution); }
  BeeHandle restart(Restart restart) const { return with(&BeeSpec::restart, restart); }
  /// In one call; zero: for ever. Unless it is set, it is the node's.
  BeeHandle callback_time_max(std::chrono::nanoseconds time) const {
    return with(&BeeSpec::callback_time_max, std::optional(time));
  }
  BeeHandle held(HeldLimits held, CodePlace place = CodePlace::current()) const {
    draft_->set_held(index_, held, place);
    return *this;
  }
  /// In a cluster, it runs on nodes that have all of these labels.
  BeeHandle nodes(std::vector<std::string> labels, CodePlace place = CodePlace::current()) const {
    bee().nodes = std::move(labels);
    bee().nodes_position = draft_->mark(place);
    return *this;
  }

  [[nodiscard]] const std::string& name() const { return bee().name; }
  [[nodiscard]] Edge<Output> as_edge() const { return Edge<Output>({draft_, {.from = bee().name}}); }
  [[nodiscard]] detail::DraftAnswer as_answer() const { return {draft_, bee().name, EdgeSpec{}.port}; }

 private:
  [[nodiscard]] BeeSpec& bee() const { return draft_->bee(index_); }
  template <class Member>
  BeeHandle with(Member BeeSpec::*member, Member value) const {
    bee().*member = std::move(value);
    return *this;
  }

  detail::SwarmDraft* draft_;
  std::size_t index_;
};

/// A bee that reads nothing yet: it has to be told what before anything can be connected to it.
template <class Class>
class [[nodiscard]] UnfedBee {
 public:
  UnfedBee(detail::SwarmDraft* draft, std::size_t index) : draft_(draft), index_(index) {}

  /// Any number of bees, ports of bees, gateways, `edge(...)`s, and vectors of one of these.
  template <class... Sources>
  BeeHandle<Class> from(const Sources&... sources) && {
    draft_->feed_bee(index_, detail::edges_of<typename detail::InputOf<Class>::type>(sources...));
    return {draft_, index_};
  }

 private:
  detail::SwarmDraft* draft_;
  std::size_t index_;
};

/// Which way records pass a gateway, seen from the swarm.
enum class Way : std::uint8_t { in, out, both };

template <Way way>
class GatewayHandle {
 public:
  GatewayHandle(detail::SwarmDraft* draft, std::size_t index) : draft_(draft), index_(index) {}

  /// An option of its type.
  GatewayHandle set(std::string key, OptionLiteral value, CodePlace place = CodePlace::current()) const {
    draft_->add_option(gateway().options, std::move(key), std::move(value).value(), place);
    return *this;
  }
  GatewayHandle option_values(const OptionValue& table, CodePlace place = CodePlace::current()) const {
    draft_->add_options(gateway().options, table, place);
    return *this;
  }
  /// In a cluster, it is on every node that has all of these labels.
  GatewayHandle nodes(std::vector<std::string> labels, CodePlace place = CodePlace::current()) const {
    gateway().nodes = std::move(labels);
    gateway().nodes_position = draft_->mark(place);
    return *this;
  }
  /// What comes from this bee, or this port of one, answers the client that asked.
  template <class Source>
  GatewayHandle answers(const Source& source, CodePlace place = CodePlace::current()) const {
    static_assert(way != Way::out, "a gateway that only sends out has no clients to answer");
    static_assert(detail::Answering<Source>, "answers come from a bee, or from a port of one");
    if constexpr (detail::Answering<Source>) draft_->answer(index_, source.as_answer(), place);
    return *this;
  }
  /// Records that it sends out, beside what it takes in.
  template <class... Sources>
  GatewayHandle from(const Sources&... sources) const {
    static_assert(way == Way::both, "this gateway is not one that records are sent to: make it a duplex one");
    draft_->feed_gateway(index_, detail::edges_of<AnyRecord>(sources...));
    return *this;
  }

  [[nodiscard]] const std::string& name() const { return gateway().name; }
  [[nodiscard]] Edge<AnyRecord> as_edge() const requires(way != Way::out) {
    return Edge<AnyRecord>({draft_, {.from = gateway().name}});
  }

 private:
  [[nodiscard]] GatewaySpec& gateway() const { return draft_->gateway(index_); }

  detail::SwarmDraft* draft_;
  std::size_t index_;
};

using SourceGateway = GatewayHandle<Way::in>;
using SinkGateway = GatewayHandle<Way::out>;
using DuplexGateway = GatewayHandle<Way::both>;

/// A gateway that is to send out, and does not know what yet.
class [[nodiscard]] UnfedSink {
 public:
  UnfedSink(detail::SwarmDraft* draft, std::size_t index) : draft_(draft), index_(index) {}
  template <class... Sources>
  SinkGateway from(const Sources&... sources) && {
    draft_->feed_gateway(index_, detail::edges_of<AnyRecord>(sources...));
    return {draft_, index_};
  }

 private:
  detail::SwarmDraft* draft_;
  std::size_t index_;
};

}  // namespace skep
