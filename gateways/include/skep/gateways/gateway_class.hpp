#pragma once
// How a user's gateway class presents itself: the ways its records go, its options. Filled by its own `describe`.
//
//   static void describe(skep::GatewayClass<Lines>& c) {
//     c.summary("Lines as datagrams.").in().answers().listens("listen", skep::ListenProtocol::udp)
//         .option("listen", &Options::listen, "host:port", {.required = true});
//   }

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/gateways/custom_gateway.hpp"
#include "skep/gateways/gateway_registry.hpp"

namespace skep {

/// What `describe` fills. `T::Options` is optional; without it the class is built without arguments.
template <class T>
class GatewayClass {
 public:
  using Options = typename detail::OptionsOf<T>::type;

  explicit GatewayClass(std::string type) {
    static_assert(std::derived_from<T, Gateway>, "a gateway class derives from skep::Gateway");
    static_assert(std::is_convertible_v<decltype(&T::describe), void (*)(GatewayClass&)>,
                  "a gateway class needs a public `static void describe(skep::GatewayClass<T>&)`");
    description_.type = std::move(type);
    description_.directions = {.in = false, .out = false, .answers = false};
    T::describe(*this);
  }

  GatewayClass& summary(std::string text) {
    description_.summary = std::move(text);
    return *this;
  }
  /// It submits records.
  GatewayClass& in() {
    description_.directions.in = true;
    return *this;
  }
  /// It submits records, and has a way back for their answers.
  GatewayClass& answers() {
    description_.directions.answers = true;
    return in();
  }
  /// It delivers records to the outside.
  GatewayClass& out() {
    description_.directions.out = true;
    return *this;
  }
  /// What it submits, raw bytes unless said: `key` and `event_time` may be paths only where it is JSON. Clients in the
  /// memory of a test send this.
  GatewayClass& content(ContentKind kind) {
    description_.content = kind;
    return *this;
  }
  /// This option, a string, is the address it listens on: lint reads it, refuses one that other machines can reach
  /// unless `public = true`, and finds one that is used twice.
  GatewayClass& listens(std::string option, ListenProtocol protocol = ListenProtocol::tcp) {
    description_.listen = std::move(option);
    description_.protocol = protocol;
    return *this;
  }
  template <class Member, class Owner>
  GatewayClass& option(std::string name, Member Owner::*member, OptionRules rules = {}) {
    return option(std::move(name), member, std::string(), std::move(rules));
  }
  /// The same, with what it is for in a line.
  template <class Member, class Owner, std::convertible_to<std::string> Doc>
  GatewayClass& option(std::string name, Member Owner::*member, Doc doc, OptionRules rules = {}) {
    options_.add(std::move(name), member, std::move(doc), std::move(rules));
    description_.options = options_.descriptions();
    return *this;
  }

  [[nodiscard]] const GatewayDescription& description() const noexcept { return description_; }
  /// Reads `table` over the defaults in `to`; returns every problem.
  [[nodiscard]] std::vector<OptionProblem> read(const OptionValue& table, SourcePosition where, Options& to) const {
    return options_.read(table, where, to);
  }

 private:
  GatewayDescription description_;
  OptionSet<Options> options_;
};

/// From its options, or from nothing.
template <class T>
[[nodiscard]] std::unique_ptr<Gateway> make_gateway(const typename GatewayClass<T>::Options& options) {
  if constexpr (std::is_constructible_v<T, const typename GatewayClass<T>::Options&>) {
    return std::make_unique<T>(options);
  } else {
    static_assert(std::is_empty_v<typename GatewayClass<T>::Options>,
                  "a gateway with Options needs a constructor that takes them, such as `explicit T(Options options)`");
    return std::make_unique<T>();
  }
}

template <class T>
void GatewayRegistry::add(std::string type) {
  const GatewayClass<T> gateway_class(std::move(type));
  add_class(gateway_class.description(), [gateway_class](const OptionValue& table, SourcePosition where) {
    typename GatewayClass<T>::Options options{};
    ReadGateway read{.problems = gateway_class.read(table, where, options)};
    if (read.problems.empty()) read.factory = [options = std::move(options)] { return make_gateway<T>(options); };
    return read;
  });
}

}  // namespace skep
