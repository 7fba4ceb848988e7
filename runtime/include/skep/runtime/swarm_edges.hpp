#pragma once
// Edges of a swarm that is built in code, with the type of the records that pass them.
//
// Record types are those that bee classes declare, `using Input = X` and `using Output = Y`; a class that does not
// declare them reads, or sends, any. What reads another type than is sent does not compile, and the compiler says why.
// Lifetime: as handles (swarm_handles.hpp).

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "skep/runtime/swarm_draft.hpp"

namespace skep {

/// The type of records that are not of one type: it connects to every other.
struct AnyRecord {};

/// A port as a constant of its class, for which a port of another class does not compile. `Record` is what it sends.
///
///   static constexpr skep::PortOf<Normalize> rejected{"rejected"};    // describe: .output(rejected.text(), ...)
template <class Class, class Record = AnyRecord>
struct PortOf {
  std::string_view name;
  [[nodiscard]] std::string text() const { return std::string(name); }
};

namespace detail {
template <class>
inline constexpr bool never = false;

template <class Class>
struct InputOf {
  using type = AnyRecord;
};
template <class Class>
requires requires {
  typename Class::Input;
}
struct InputOf<Class> {
  using type = typename Class::Input;
};

template <class Class>
struct OutputOf {
  using type = AnyRecord;
};
template <class Class>
requires requires {
  typename Class::Output;
}
struct OutputOf<Class> {
  using type = typename Class::Output;
};

template <class From, class To>
inline constexpr bool connects =
    std::is_same_v<From, AnyRecord> || std::is_same_v<To, AnyRecord> || std::is_same_v<From, To>;

template <class Source>
concept Readable = requires(const Source& source) {
  source.as_edge();
};
template <class Source>
concept Answering = requires(const Source& source) {
  source.as_answer();
};
}  // namespace detail

/// An edge that leaves a port or a gateway, on its way to who reads it. `edge(...)` makes one with options.
template <class Sent>
class Edge {
 public:
  using Record = Sent;
  explicit Edge(detail::DraftEdge draft) : draft_(std::move(draft)) {}
  [[nodiscard]] const Edge& as_edge() const noexcept { return *this; }
  [[nodiscard]] const detail::DraftEdge& draft() const noexcept { return draft_; }

 private:
  detail::DraftEdge draft_;
};

/// Of one edge, as a file's table of it.
struct EdgeOptions {
  Route route = Route::any;                         ///< which replicas get a record
  std::uint32_t window = OutEdgeSettings{}.window;  ///< records that wait for one replica; then `overflow`
  ByteSize window_bytes{OutEdgeSettings{}.window_bytes};
  Overflow overflow = Overflow::block;
};

/// `edge(normalize, {.route = Route::key})`
template <detail::Readable Source>
[[nodiscard]] auto edge(const Source& source, EdgeOptions options) {
  auto made = source.as_edge();
  auto draft = made.draft();
  draft.spec.settings.route = options.route;
  draft.spec.settings.window = options.window;
  draft.spec.settings.window_bytes = options.window_bytes.bytes;
  draft.spec.settings.overflow = options.overflow;
  return decltype(made)(std::move(draft));
}

namespace detail {
template <class Source>
struct SentBy {
  using type = void;  ///< nothing can be read from it
};
template <Readable Source>
struct SentBy<Source> {
  using type = typename std::remove_cvref_t<decltype(std::declval<const Source&>().as_edge())>::Record;
};
template <Readable Source>
struct SentBy<std::vector<Source>> : SentBy<Source> {};

template <class Reads, class Source>
void add_source(std::vector<DraftEdge>& edges, const Source& source) {
  using Sent = typename SentBy<Source>::type;
  if constexpr (std::is_void_v<Sent>) {
    static_assert(never<Source>,
                  "what is read is a bee that reads something itself, a port of one, or a gateway that takes in: not a "
                  "gateway that only sends out, nor a bee before its from(...)");
  } else {
    static_assert(connects<Sent, Reads>,
                  "the reader takes records of another type than this sends: compare `Input` of its class with "
                  "`Output` of the sender's");
    if constexpr (Readable<Source>) {
      edges.push_back(source.as_edge().draft());
    } else {
      for (const auto& each : source) edges.push_back(each.as_edge().draft());
    }
  }
}

template <class Reads, class... Sources>
[[nodiscard]] std::vector<DraftEdge> edges_of(const Sources&... sources) {
  static_assert(sizeof...(Sources) > 0, "from() takes what is read: bees, ports of bees, or gateways that take in");
  std::vector<DraftEdge> edges;
  (add_source<Reads>(edges, sources), ...);
  return edges;
}
}  // namespace detail

/// An output port of a bee.
template <class Record>
class BeePort {
 public:
  BeePort(const detail::SwarmDraft* draft, std::string bee, std::string port, SourcePosition position)
      : draft_(draft), bee_(std::move(bee)), port_(std::move(port)), position_(position) {}
  [[nodiscard]] Edge<Record> as_edge() const {
    return Edge<Record>({draft_, {.from = bee_, .port = port_, .position = position_}});
  }
  [[nodiscard]] detail::DraftAnswer as_answer() const { return {draft_, bee_, port_}; }

 private:
  const detail::SwarmDraft* draft_;
  std::string bee_, port_;
  SourcePosition position_;
};

}  // namespace skep
