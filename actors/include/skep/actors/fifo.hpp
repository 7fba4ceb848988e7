#pragma once
// First in, first out. Pure.
//
// In place of std::deque, which has half a kilobyte from its beginning on, and which there are many of in each replica
// of a bee. This one has no memory before its first element, and keeps little once it is empty; what it holds lies in
// one piece, and moves when that grows. Elements stay in their order; each is moved as often as it would be in a
// vector, and once more at most.
// Threads: its owner's.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace skep {

template <class T>
class Fifo {
 public:
  using iterator = typename std::vector<T>::iterator;
  using const_iterator = typename std::vector<T>::const_iterator;

  static constexpr std::size_t kept_bytes_max = 512;  ///< while it is empty

  void push_back(T element) { elements_.push_back(std::move(element)); }
  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    return elements_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  /// `count` copies of it.
  void append(std::size_t count, const T& element) { elements_.insert(elements_.end(), count, element); }
  /// There is one (asserted).
  void pop_front() {
    assert(!empty());
    [[maybe_unused]] const T gone = std::move(elements_[front_]);  // and what it holds
    ++front_;
    if (2 * front_ > elements_.size()) drop_gone();
  }
  void remove(const T& element) {
    elements_.erase(std::remove(begin(), end(), element), end());
    drop_gone();
  }
  void clear() {
    front_ = elements_.size();
    drop_gone();
  }

  /// What follows needs one to be there (asserted).
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  [[nodiscard]] T& operator[](std::size_t index) {
    assert(index < size());
    return elements_[front_ + index];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const {
    assert(index < size());
    return elements_[front_ + index];
  }

  [[nodiscard]] std::size_t size() const noexcept { return elements_.size() - front_; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t memory() const noexcept { return elements_.capacity() * sizeof(T); }
  [[nodiscard]] iterator begin() noexcept { return elements_.begin() + static_cast<std::ptrdiff_t>(front_); }
  [[nodiscard]] iterator end() noexcept { return elements_.end(); }
  [[nodiscard]] const_iterator begin() const noexcept {
    return elements_.begin() + static_cast<std::ptrdiff_t>(front_);
  }
  [[nodiscard]] const_iterator end() const noexcept { return elements_.end(); }

 private:
  void drop_gone() {
    elements_.erase(elements_.begin(), begin());
    front_ = 0;
    if (elements_.empty() && memory() > kept_bytes_max) std::vector<T>().swap(elements_);
  }

  std::vector<T> elements_;
  std::size_t front_ = 0;  ///< what is before has left
};

}  // namespace skep
