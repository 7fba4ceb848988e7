#pragma once
// The bee classes a process knows, by name. Filled at start: by the program, then by plug-ins.
//
// Threads: fill it before the first swarm starts; read-only and shared from then on.

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "skep/actors/bee_class.hpp"
#include "skep/serialization/schema_table.hpp"

namespace skep {

/// A bee of a swarm file once its options are read: what it is built with.
struct ConfiguredBee {
  BeeFactory factory;                    ///< empty if there are problems
  std::vector<PortDescription> outputs;  ///< [0] is the default port; with those that come from options
  std::vector<OptionProblem> problems;
};

class BeeRegistry {
 public:
  using Configure = std::function<ConfiguredBee(const OptionValue& options, SourcePosition where)>;
  struct Entry {
    BeeDescription description;
    Configure configure;
    const std::type_info* type = nullptr;  ///< of the C++ class, where it was registered as one
  };

  /// Registers class `T`. Throws std::invalid_argument for a name that is taken or is not of the form
  /// `letters.letters` (lower case, digits, `_`), and past limits::ports_max.
  template <class T>
  void add(std::string name);
  /// The same, for a class whose constructor takes more than its options: `make(options)` returns a unique_ptr<T>.
  template <class T, class Make>
  void add(std::string name, Make make);
  /// Throws std::invalid_argument also for payload types of which `schemas` and the entry have no schema, or another
  /// one.
  void add(Entry entry);
  /// Of the payload types of classes to come: schemas from outside. Errors: as SchemaTable::add.
  [[nodiscard]] Result<void> add_schemas(const std::vector<SchemaNode>& nodes, const std::string& from) {
    return schemas_.add(nodes, from);
  }

  [[nodiscard]] const Entry* find(std::string_view name) const noexcept;
  /// Under which a C++ class is registered, the first in order; empty if it is not.
  [[nodiscard]] std::string name_of(const std::type_info& type) const;
  [[nodiscard]] std::vector<std::string> names() const;  ///< sorted
  /// Of all payload types that its classes read and send.
  [[nodiscard]] const SchemaTable& schemas() const noexcept { return schemas_; }

 private:
  /// Adds a problem for too many ports and for two of one name.
  static void check_outputs(ConfiguredBee& bee, SourcePosition where);
  void add_types(const BeeDescription& bee);

  std::map<std::string, Entry, std::less<>> entries_;
  SchemaTable schemas_;
};

template <class T>
void BeeRegistry::add(std::string name) {
  add<T>(std::move(name), &make_bee<T>);
}

template <class T, class Make>
void BeeRegistry::add(std::string name, Make make) {
  using Class = BeeClass<T>;
  const auto bee_class = std::make_shared<const Class>(std::move(name));  // immutable; shared by what it makes
  add({bee_class->description(),
       [bee_class, make](const OptionValue& table, SourcePosition where) {
         typename Class::Options options{};
         ConfiguredBee bee{{}, bee_class->description().outputs, bee_class->read(table, where, options)};
         if (!bee.problems.empty()) return bee;
         bee.outputs = bee_class->outputs(options);
         check_outputs(bee, where);
         if (bee.problems.empty()) bee.factory = bee_factory<T>(bee_class, make, std::move(options));
         return bee;
       },
       &typeid(T)});
}

}  // namespace skep
