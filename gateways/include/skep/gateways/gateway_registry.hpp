#pragma once
// The gateway types that swarm files may name, with the options of each: those that come with Skep, and classes of
// users (skep/gateways/custom_gateway.hpp).
//
// Threads: fill a registry before the first swarm starts; read-only and shared from then on.

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/actors/option.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/serialization/payload.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class Gateway;      // custom_gateway.hpp
class GatewayHost;  // io_threads.hpp
struct GatewaySettings;

/// Which ways records may go through a gateway of a type.
struct GatewayDirections {
  bool in = true;       ///< from outside into the swarm
  bool out = true;      ///< out of the swarm: it may read from bees
  bool answers = true;  ///< back to where a record came from: it may have `answers`
};

/// What an address is listened on with. One TCP and one UDP socket may have the same port.
enum class ListenProtocol : std::uint8_t { tcp, udp };

/// A gateway type as a value.
struct GatewayDescription {
  std::string type;  ///< "tcp", "websocket", "file"; of a user's class "library.class"
  std::string summary;
  std::vector<OptionDescription> options;
  GatewayDirections directions{};
  std::string listen{};  ///< of a user's class: the option that is the address it listens on; empty: none
  ListenProtocol protocol = ListenProtocol::tcp;
  ContentKind content = ContentKind::raw;  ///< of a user's class: what it makes records of
  std::size_t shared_options = 0;          ///< of a user's class: the first of `options`, which all of them have
};

/// What a gateway of files opens, as paths from here; "-": standard input or output.
struct GatewayFiles {
  std::string path;    ///< read; written where bees send to it
  std::string output;  ///< written where it answers
};

/// A gateway of a swarm file once its options are read.
struct ConfiguredGateway {
  /// Spawns the actor. Empty if there are problems, or the class is only described.
  std::function<caf::actor(caf::actor_system&, GatewayHost&, GatewaySettings)> spawn{};
  std::vector<OptionProblem> problems{};
  std::optional<HostPort> listen{};      ///< the address it will listen on: lint finds one used twice
  std::string listen_option = "listen";  ///< where that stands
  ListenProtocol protocol = ListenProtocol::tcp;
  std::optional<GatewayFiles> files{};  ///< likewise; also for two gateways of which one writes what the other reads
  bool ends = false;                    ///< what it reads comes to an end by itself: a file, not a socket
  bool reloads = false;                 ///< it has files of certificates or tokens, and takes Reload
  /// What is wrong, here and now, with files that it reads when it opens; empty: it reads none. They may be those of
  /// another machine, so nobody asks before there is a reason to. Blocks as the files do.
  std::function<std::vector<OptionProblem>()> check_files{};
  std::uint32_t threads = 1;         ///< that its connections are to be spread over: an actor each
  std::vector<ContentKind> kinds{};  ///< that its clients send and read; empty: it does not say

  /// Whether both listen on one address.
  [[nodiscard]] bool clashes(const ConfiguredGateway& other) const {
    return listen && other.listen && protocol == other.protocol && listen->clashes(*other.listen);
  }
};

/// Builds one object of a user's class with its options; called again for each restart. Throws what the class throws.
using GatewayFactory = std::function<std::unique_ptr<Gateway>()>;

/// A user's class with options as a file has them.
struct ReadGateway {
  std::vector<OptionProblem> problems{};
  GatewayFactory factory{};  ///< empty if there are problems, or the class is only described
};

class GatewayRegistry {
 public:
  struct Entry {
    GatewayDescription description;
    std::function<ConfiguredGateway(const OptionValue& options, SourcePosition where)> configure;
  };
  using ReadOptions = std::function<ReadGateway(const OptionValue& options, SourcePosition where)>;

  /// Registers a user's class `T` (include skep/gateways/gateway_class.hpp). Throws std::invalid_argument for a type
  /// that is taken or is not of the form `letters.letters` (lower case, digits, `_`), and for options that every
  /// gateway has.
  template <class T>
  void add(std::string type);
  /// The same of a class that is known by its description, whose options are its own alone.
  void add_class(GatewayDescription description, ReadOptions read);
  /// Replaces what is there of this type.
  void add(Entry entry);
  [[nodiscard]] const Entry* find(std::string_view type) const noexcept;
  [[nodiscard]] std::vector<std::string> types() const;  ///< sorted

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

/// Registers a class of which only the description is known, with its own options alone: these are checked by their
/// types and rules, and nothing can be started. Throws as `add`. Errors: `errc::incompatible`, for an option of a type
/// that is not known here.
[[nodiscard]] Result<void> add_described(GatewayRegistry& registry, GatewayDescription description);

}  // namespace skep
