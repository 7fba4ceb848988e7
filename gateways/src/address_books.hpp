#pragma once
// What each address has at one gateway: AddressLimits, for all threads that have its connections.
//
// Threads: any; one lock, and only where connections come and go or tokens are shown.

#include <memory>
#include <mutex>

#include "address_limits.hpp"

namespace skep {

class SharedAddressLimits {
 public:
  using Time = AddressLimits::Time;

  explicit SharedAddressLimits(const AddressLimits::Settings& settings) : limits_(settings) {}

  [[nodiscard]] AddressLimits::Verdict arrive(ClientNetwork client, Time now) {
    const std::scoped_lock lock(mutex_);
    return limits_.arrive(client, now);
  }
  void leave(ClientNetwork client, Time now) {
    const std::scoped_lock lock(mutex_);
    limits_.leave(client, now);
  }
  [[nodiscard]] bool may_try(ClientNetwork client, Time now) {
    const std::scoped_lock lock(mutex_);
    return limits_.may_try(client, now);
  }
  void wrong_token(ClientNetwork client, Time now) {
    const std::scoped_lock lock(mutex_);
    limits_.wrong_token(client, now);
  }

 private:
  std::mutex mutex_;
  AddressLimits limits_;
};

/// Those of clients on other machines, and of those on this one.
class AddressBooks {
 public:
  AddressBooks(const AddressLimits::Settings& elsewhere, const AddressLimits::Settings& here)
      : elsewhere_(elsewhere), here_(here) {}

  [[nodiscard]] SharedAddressLimits& of(bool here) noexcept { return here ? here_ : elsewhere_; }

 private:
  SharedAddressLimits elsewhere_, here_;
};

using AddressBooksPtr = std::shared_ptr<AddressBooks>;

}  // namespace skep
