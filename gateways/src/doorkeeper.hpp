#pragma once
// Who is turned away from a listening gateway before there is anything to answer: counted, and told in the log, a line
// a second at the most, because strangers may come as often as they like.
//
// Lifetime: as long as its transport or a visit; `close` before the gateway goes. Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "net/wakeup.hpp"
#include "paced_lines.hpp"
#include "skep/gateways/gateway.hpp"

namespace skep {

class Doorkeeper : public boost::intrusive_ref_counter<Doorkeeper, boost::thread_unsafe_counter> {
 public:
  enum class For : std::uint8_t {
    tls,       ///< it has not shaken hands
    protocol,  ///< it speaks another one: in no counter of its own
  };
  struct Handlers {
    std::function<void(const std::string& line)> log;
    std::function<void()> counted;
  };

  Doorkeeper(boost::asio::io_context& context, Handlers handlers);

  /// `why` as in "it ...".
  void refuse(For what, const std::string& address, const std::string& why);
  void add_to(GatewayCounts& counts) const noexcept;
  void close() noexcept;

 private:
  void report();

  Handlers handlers_;
  PacedLines lines_;
  WakeupPtr wakeup_;
  std::uint64_t tls_ = 0;
  bool open_ = true;
};

using DoorkeeperPtr = boost::intrusive_ptr<Doorkeeper>;

}  // namespace skep
