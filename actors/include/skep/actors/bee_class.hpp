#pragma once
// How a bee class presents itself: its ports, its options, what it reads. Filled by the class's own `describe`.
//
// Used by lint, `skep bees`, the documentation and the runtime, which binds ports and builds objects from it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "skep/actors/bee.hpp"
#include "skep/actors/option.hpp"

namespace skep {

struct PortDescription {
  std::string name;  ///< "default" for the default port
  std::string doc;
};

/// A bee class as a value.
struct BeeDescription {
  std::string name;  ///< "digits.normalize"
  std::string summary;
  std::vector<ContentKind> inputs;       ///< kinds it reads; empty: any
  std::uint64_t input_schema = 0;        ///< Cap'n Proto type id, or 0
  std::vector<PortDescription> outputs;  ///< [0] is the default port
  std::vector<OptionDescription> options;
  bool takes_batches = false;            ///< overrides on_batch
};

/// Builds one object with its options and ports bound; called again for each rebuild. Throws what the class throws.
using BeeFactory = std::function<std::unique_ptr<Bee>()>;

/// What `describe` fills. `T::Options` is optional; without it the class is built without arguments.
template <class T>
class BeeClass {
 public:
  explicit BeeClass(std::string name) {
    description_.name = std::move(name);
    description_.outputs.push_back({"default", ""});
    description_.takes_batches = !std::is_same_v<decltype(&T::on_batch), decltype(&Bee::on_batch)>;
    if constexpr (requires { T::describe(*this); }) T::describe(*this);
  }

  BeeClass& summary(std::string text) {
    description_.summary = std::move(text);
    return *this;
  }
  /// Reads records of Cap'n Proto type `Schema`. Include "skep/serialization/typed.hpp".
  template <class Schema>
  BeeClass& input();
  /// Reads records of this kind; call again for further kinds.
  BeeClass& input(ContentKind kind) {
    description_.inputs.push_back(kind);
    return *this;
  }
  BeeClass& output(std::string name, Port T::*port, std::string doc = {}) {
    ports_.push_back({port, Port(static_cast<std::uint16_t>(description_.outputs.size()))});
    description_.outputs.push_back({std::move(name), std::move(doc)});
    return *this;
  }
  template <class Options, class Member>
  BeeClass& option(std::string name, Member Options::*member, OptionRules rules = {}) {
    options_.add(std::move(name), member, std::move(rules));
    description_.options = options_.descriptions();
    return *this;
  }
  /// Ports that only the options know (`skep.route`): called with the bee's options when a swarm is checked; they
  /// follow the described ones, in order, and the class binds them itself by index.
  template <class Function>
  BeeClass& outputs_from(Function function) {
    dynamic_outputs_ = std::move(function);
    return *this;
  }

  [[nodiscard]] const BeeDescription& description() const noexcept { return description_; }

 private:
  friend class BeeRegistry;
  struct None {};
  template <class U, class = void>
  struct OptionsOf {
    using type = None;
  };
  template <class U>
  struct OptionsOf<U, std::void_t<typename U::Options>> {
    using type = typename U::Options;
  };

 public:
  using Options = typename OptionsOf<T>::type;

 private:
  struct BoundPort {
    Port T::*member;
    Port port;
  };

  BeeDescription description_;
  OptionSet<Options> options_;
  std::vector<BoundPort> ports_;
  std::function<std::vector<PortDescription>(const Options&)> dynamic_outputs_;
};

}  // namespace skep
