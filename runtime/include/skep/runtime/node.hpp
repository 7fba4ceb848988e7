#pragma once
// One process: actor system, I/O thread, plug-ins, swarms. Owns the parts and decides nothing.

#include <memory>
#include <string>

#include "skep/runtime/node_config.hpp"
#include "skep/runtime/swarm.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class Node {
 public:
  explicit Node(NodeConfig config, LogSink log);
  ~Node();  ///< drains what runs

  /// Reads, checks and starts a swarm file. On mistakes nothing runs, and `problems` has them all.
  struct Started {
    Swarm* swarm = nullptr;
    std::vector<Problem> problems;
    std::string failure;  ///< why it did not start, if the file was right
  };
  [[nodiscard]] Started start(const std::string& swarm_file, const Environment& environment);
  [[nodiscard]] Result<void> drain();
  [[nodiscard]] bool finished() const;  ///< every swarm has come to its end

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace skep
