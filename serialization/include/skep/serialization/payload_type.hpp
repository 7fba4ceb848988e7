#pragma once
// The type of a payload: a struct of somebody's own Cap'n Proto schema, by its id and its name.
//
// `PayloadType::of<Reading>()` takes both from a generated header, and knows where the schema itself is compiled in;
// a type that a plug-in's manifest names has only the first two. Two types are the same if their ids are.
// Threads: a value; what `compiled` points to is constant and never goes.

#include <cstdint>
#include <string>

namespace capnp::_ {
struct RawSchema;
}

namespace skep {

namespace detail {
/// "Reading"; "Station.Reading" of a struct inside another.
[[nodiscard]] std::string compiled_name(const capnp::_::RawSchema& schema);
}  // namespace detail

/// A struct of a generated header (`reading.capnp.h`).
template <class T>
concept CapnpStruct = requires {
  typename T::Reader;
  typename T::Builder;
  T::_capnpPrivate::typeId;
  T::_capnpPrivate::dataWordSize;
  T::_capnpPrivate::schema;
};

struct PayloadType {
  std::uint64_t id = 0;  ///< 0: none
  std::string name{};
  const capnp::_::RawSchema* compiled = nullptr;  ///< null: of a manifest

  template <class T>
  [[nodiscard]] static PayloadType of() {
    static_assert(CapnpStruct<T>, "a payload's type is a struct of a Cap'n Proto schema: is its .capnp.h included?");
    if constexpr (CapnpStruct<T>) {
      const capnp::_::RawSchema* schema = T::_capnpPrivate::schema;
      return {T::_capnpPrivate::typeId, detail::compiled_name(*schema), schema};
    }
    return {};
  }

  explicit operator bool() const noexcept { return id != 0; }
  friend bool operator==(const PayloadType& a, const PayloadType& b) noexcept { return a.id == b.id; }
};

}  // namespace skep
