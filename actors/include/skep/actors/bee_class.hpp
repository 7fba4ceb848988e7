#pragma once
// How a bee class presents itself: its ports, its options, what it reads. Filled by the class's own `describe`.
//
// Used by lint, `skep bees`, the documentation and the runtime, which binds ports and builds objects from it.

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "skep/actors/bee.hpp"
#include "skep/actors/option.hpp"
#include "skep/actors/option_literal.hpp"
#include "skep/serialization/payload_type.hpp"

namespace skep {

struct PortDescription {
  std::string name{};  ///< "default" for the default port
  std::string doc{};
  bool side = false;  ///< see OutputRules
  bool emits = true;  ///< false: nothing ever leaves here (`no_default_output`)
  /// Of BeeDescription::outputs_by_options: stands for many, which this option names; `name` is empty then.
  std::string names_from{};
  PayloadType type{};  ///< of every record that leaves here; none: it is not said
};

/// Of one output port.
struct OutputRules {
  /// A side output: for records whose client the bee tells itself (`Outbox::reject`, `fail`), or that owe nobody an
  /// answer. Lint asks for no answer from what it feeds, and for nobody to read it.
  bool side = false;
};

/// A bee class as a value.
struct BeeDescription {
  std::string name{};  ///< "digits.normalize"
  std::string summary{};
  std::vector<ContentKind> inputs{};       ///< kinds it reads; empty: any
  PayloadType input_type{};                ///< of the Cap'n Proto records it reads; none: it is not said
  std::vector<PortDescription> outputs{};  ///< [0] is the default port
  /// Further ones that a bee has by its options (`outputs_from`), for people: those of one bee are in ConfiguredBee.
  std::vector<PortDescription> outputs_by_options{};
  std::vector<OptionDescription> options{};
  bool takes_batches = false;     ///< overrides on_batch
  bool holds_records = false;     ///< may call Outbox::hold
  bool forwards_records = false;  ///< sends on what it reads, as it is, and nothing else
  std::string plugin{};           ///< that has it; empty: the program's own

  /// Whether it reads records of its input_type alone.
  [[nodiscard]] bool reads_typed_only() const noexcept {
    return input_type && inputs.size() == 1 && inputs.front() == ContentKind::capnp;
  }
};

/// Builds one object with its options and ports bound; called again for each rebuild. Throws what the class throws.
using BeeFactory = std::function<std::unique_ptr<Bee>()>;

namespace detail {
struct NoOptions {};

template <class T>
struct OptionsOf {
  using type = NoOptions;
};
template <class T>
requires requires {
  typename T::Options;
}
struct OptionsOf<T> {
  using type = typename T::Options;
};

/// "sensors.sense reads Reading, and Alarm too: ..."; throws std::invalid_argument.
[[noreturn]] void refuse_two_types(const std::string& bee, const PayloadType& one, const PayloadType& other);

/// An override may be private or overloaded; Bee's own is neither.
template <class T>
constexpr bool overrides_on_batch() {
  if constexpr (requires { &T::on_batch; }) {
    return !std::is_same_v<decltype(&T::on_batch), decltype(&Bee::on_batch)>;
  }
  return true;
}
}  // namespace detail

/// What `describe` fills. `T::Options` is optional; without it the class is built without arguments. `T::Input` and
/// `T::Output`, structs of Cap'n Proto schemas, are optional too: the types of what it reads, and sends on its default
/// port.
template <class T>
class BeeClass {
 public:
  using Options = typename detail::OptionsOf<T>::type;

  explicit BeeClass(std::string name) {
    description_.name = std::move(name);
    description_.outputs.push_back({"default", ""});
    description_.takes_batches = detail::overrides_on_batch<T>();
    if constexpr (requires { typename T::Input; }) input<typename T::Input>();
    if constexpr (requires { typename T::Output; }) output<typename T::Output>();
    if constexpr (requires { &T::describe; }) {
      static_assert(std::is_convertible_v<decltype(&T::describe), void (*)(BeeClass&)>,
                    "describe is to be `static void describe(skep::BeeClass<T>&)`");
      T::describe(*this);
    } else {
      static_assert(std::is_empty_v<Options>,
                    "a bee with Options needs a public `static void describe(skep::BeeClass<T>&)` that names them");
    }
  }

  BeeClass& summary(std::string text) {
    description_.summary = std::move(text);
    return *this;
  }
  /// Reads records of Cap'n Proto type `Schema`, a struct of a generated header. One class reads one type.
  template <class Schema>
  BeeClass& input() {
    const auto type = PayloadType::of<Schema>();
    if (description_.input_type == type) return *this;
    if (description_.input_type) detail::refuse_two_types(description_.name, description_.input_type, type);
    description_.input_type = type;
    return input(ContentKind::capnp);
  }
  /// Reads records of this kind; call again for further kinds.
  BeeClass& input(ContentKind kind) {
    description_.inputs.push_back(kind);
    return *this;
  }
  /// Its objects keep records beyond a call (`Outbox::hold`).
  BeeClass& holds_records() {
    description_.holds_records = true;
    return *this;
  }
  /// What it sends, on all ports, are records that it has read, as they are: of whatever type they are.
  BeeClass& forwards_records() {
    description_.forwards_records = true;
    return *this;
  }
  /// A further port, bound to `port` of each object: `.output("rejected", &T::rejected_, "too small", {.side = true})`.
  template <std::convertible_to<std::string> Doc>
  BeeClass& output(std::string name, Port T::*port, Doc doc, OutputRules rules = {}) {
    ports_.push_back({port, Port(static_cast<std::uint16_t>(description_.outputs.size()))});
    description_.outputs.push_back({.name = std::move(name), .doc = std::move(doc), .side = rules.side});
    return *this;
  }
  BeeClass& output(std::string name, Port T::*port, OutputRules rules = {}) {
    return output(std::move(name), port, std::string(), rules);
  }
  /// Every record that it sends on its default port is of Cap'n Proto type `Schema`; what it sends else is its failure.
  template <class Schema>
  BeeClass& output() {
    description_.outputs.front().type = PayloadType::of<Schema>();
    return *this;
  }
  /// The same of a further port, which it adds: `.output<Alarm>("alarms", &T::alarms_, "above the limit")`.
  template <class Schema, std::convertible_to<std::string> Doc = const char*>
  BeeClass& output(std::string name, Port T::*port, Doc doc = "", OutputRules rules = {}) {
    output(std::move(name), port, std::string(std::move(doc)), rules);
    description_.outputs.back().type = PayloadType::of<Schema>();
    return *this;
  }
  /// Nothing is ever sent on the default port: its bees end records, or send on named ports only. Lint then refuses
  /// whoever reads it, or takes answers from it.
  BeeClass& no_default_output() {
    description_.outputs.front().emits = false;
    return *this;
  }
  template <class Member, class Owner>
  BeeClass& option(std::string name, Member Owner::*member, OptionRules rules = {}) {
    return option(std::move(name), member, std::string(), std::move(rules));
  }
  /// The same, with what it is for in a line.
  template <class Member, class Owner, std::convertible_to<std::string> Doc>
  BeeClass& option(std::string name, Member Owner::*member, Doc doc, OptionRules rules = {}) {
    if constexpr (detail::OptionType<Member>::value) {
      values_.push_back([member](const Options& options) { return OptionLiteral(options.*member).value(); });
    }
    options_.add(std::move(name), member, std::move(doc), std::move(rules));
    description_.options = options_.descriptions();
    return *this;
  }
  /// Ports that only the options know (`skep.route`): called with the bee's options when a swarm is checked; they
  /// follow the described ones, in order, and the class binds them itself by index. `possible` is what `skep bees`
  /// shows of them: one may stand for all that an option names (PortDescription::names_from).
  template <class Function>
  BeeClass& outputs_from(Function function, std::vector<PortDescription> possible = {}) {
    dynamic_outputs_ = std::move(function);
    description_.outputs_by_options = std::move(possible);
    return *this;
  }

  [[nodiscard]] const BeeDescription& description() const noexcept { return description_; }

  // For the registry and for harnesses.

  /// Reads `table` over the defaults in `to`; returns every problem.
  [[nodiscard]] std::vector<OptionProblem> read(const OptionValue& table, SourcePosition where, Options& to) const {
    return options_.read(table, where, to);
  }
  /// `options` as a file would have them: a table, without those that are as they are by default, unless required.
  [[nodiscard]] OptionValue table(const Options& options) const {
    const Options defaults{};
    OptionValue::Table table;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      auto value = values_[i](options);
      const auto& described = description_.options[i];
      if (described.rules.required || !same_value(value, values_[i](defaults))) {
        table.push_back({described.name, {}, std::move(value)});
      }
    }
    return {std::move(table), {}};
  }
  /// All output ports of a bee with these options; [0] is the default port.
  [[nodiscard]] std::vector<PortDescription> outputs(const Options& options) const {
    auto all = description_.outputs;
    if (!dynamic_outputs_) return all;
    for (auto& port : dynamic_outputs_(options)) all.push_back(std::move(port));
    return all;
  }
  void bind_ports(T& bee) const {
    for (const auto& bound : ports_) bee.*(bound.member) = bound.port;
  }

 private:
  struct BoundPort {
    Port T::*member;
    Port port;
  };

  BeeDescription description_;
  OptionSet<Options> options_;
  std::vector<std::function<OptionValue(const Options&)>> values_;  ///< by index of the described options
  std::vector<BoundPort> ports_;
  std::function<std::vector<PortDescription>(const Options&)> dynamic_outputs_;
};

/// Builds objects of `T` with `make(options)`, their ports bound.
template <class T, class Make>
[[nodiscard]] BeeFactory bee_factory(std::shared_ptr<const BeeClass<T>> bee_class, Make make,
                                     typename BeeClass<T>::Options options) {
  return [bee_class = std::move(bee_class), make = std::move(make),
          options = std::move(options)]() -> std::unique_ptr<Bee> {
    std::unique_ptr<T> bee = make(options);
    bee_class->bind_ports(*bee);
    return bee;
  };
}

/// How a class is built unless its registration says otherwise: from its options, or from nothing.
template <class T>
[[nodiscard]] std::unique_ptr<T> make_bee(const typename BeeClass<T>::Options& options) {
  if constexpr (std::is_constructible_v<T, const typename BeeClass<T>::Options&>) {
    return std::make_unique<T>(options);
  } else {
    static_assert(std::is_empty_v<typename BeeClass<T>::Options>,
                  "a bee with Options needs a constructor that takes them, such as `explicit T(Options options)`");
    return std::make_unique<T>();
  }
}

}  // namespace skep
