#include "answers_in.hpp"

#include <utility>

namespace skep {

std::vector<Record> AnswersIn::receive(ReplyBatch&& message, const caf::strong_actor_ptr& sender) {
  auto arrival = inputs_.receive(std::move(message.batch), sender);
  const auto count = arrival.records.size();
  if (count == 0) return {};
  inputs_.accepted(arrival, 0, count);
  inputs_.done({arrival.session, arrival.first, count});
  return std::move(arrival.records);
}

/// Nobody asks for it; what half of a share is decides how often senders are told.
CreditPool::Settings AnswersIn::boundless() noexcept {
  constexpr Quantity share{std::uint64_t{1} << 16, std::uint64_t{1} << 40};
  constexpr Quantity budget{std::uint64_t{1} << 40, std::uint64_t{1} << 60};
  return {budget, share};
}

}  // namespace skep
