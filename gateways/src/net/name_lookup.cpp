#include "net/name_lookup.hpp"

#include <netdb.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace skep {
namespace {

Result<NameLookup::Endpoints> look_up(const HostPort& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (const int failed = ::getaddrinfo(host.host.c_str(), std::to_string(host.port).c_str(), &hints, &first)) {
    return Error{errc::io, ::gai_strerror(failed)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
  NameLookup::Endpoints endpoints;
  for (const auto* each = first; each != nullptr; each = each->ai_next) {
    auto& endpoint = endpoints.emplace_back();
    if (each->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
    endpoint.resize(each->ai_addrlen);
  }
  return endpoints;
}

}  // namespace

/// Its owner's and the thread's.
struct NameLookup::Shared {
  explicit Shared(boost::asio::io_context& its_context) : context(its_context) {}

  std::mutex mutex;                  // over all below
  boost::asio::io_context& context;  // there as long as there is a `done`
  Done done;                         // empty: nobody waits
  bool busy = false;                 // the thread runs

  void finish(Result<Endpoints> found);
};

void NameLookup::Shared::finish(Result<Endpoints> found) {
  const std::scoped_lock lock(mutex);
  busy = false;
  if (!done) return;
  boost::asio::post(context, [done = std::exchange(done, nullptr), found = std::move(found)] { done(found); });
}

NameLookup::NameLookup(boost::asio::io_context& context) : shared_(std::make_shared<Shared>(context)) {}

void NameLookup::start(const HostPort& host, Done done) {
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->done = std::move(done);
    if (std::exchange(shared_->busy, true)) return;
  }
  try {
    std::thread([shared = shared_, host] { shared->finish(look_up(host)); }).detach();
  } catch (const std::system_error& none) {
    shared_->finish(Error{errc::io, std::string("no thread to look its name up: ") + none.what()});
  }
}

void NameLookup::cancel() noexcept {
  const std::scoped_lock lock(shared_->mutex);
  shared_->done = nullptr;
}

std::optional<Tcp::endpoint> numeric_endpoint(const HostPort& host) {
  boost::system::error_code is_name;
  const auto ip = boost::asio::ip::make_address(host.host == "localhost" ? "127.0.0.1" : host.host, is_name);
  return is_name ? std::nullopt : std::optional(Tcp::endpoint(ip, host.port));
}

}  // namespace skep
