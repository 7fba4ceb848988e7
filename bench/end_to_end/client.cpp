#include "end_to_end/client.hpp"

#include <array>

namespace bench {

Client::Client(const Target& target, std::uint32_t number, Load& load)
    : load_(load),
      socket_(target.port, target.tls),
      wire_(target.protocol, target.binary, number * 2654435761u),
      number_(number) {
  wire_.open(out_);
  flush();
}

void Client::start() {
  const auto now = Clock::now();
  for (std::uint32_t i = 0; i < load_.in_flight; ++i) request(now);
  flush();
}

void Client::read() {
  static thread_local std::array<char, 65536> buffer;
  do {
    wire_.feed({buffer.data(), socket_.read(buffer)});
    if (wire_.opened()) take_answers();
  } while (socket_.holds_more());
  flush();
}

void Client::take_answers() {
  const auto now = Clock::now();
  while (const auto answer = wire_.next(out_)) take(*answer, now);
}

void Client::flush() {
  while (written_ < out_.size()) {
    const auto size = socket_.write(std::string_view(out_).substr(written_));
    if (size == 0) return;
    written_ += size;
  }
  out_.clear();
  written_ = 0;
}

void Client::request(Clock::time_point now) {
  wire_.send(load_.questions.question(number_, requests_++), out_);
  sent_at_.push_back(now);
  ++load_.sent;
}

void Client::take(std::string_view answer, Clock::time_point now) {
  if (answers_ == requests_) throw WireError("an answer to nothing: " + std::string(answer.substr(0, 500)));
  if (!load_.questions.answered(number_, answers_, answer)) {
    throw WireError("asked " + std::string(load_.questions.question(number_, answers_).substr(0, 500)) + ", got " +
                    std::string(answer.substr(0, 500)));
  }
  ++answers_;
  ++load_.answered;
  if (now >= load_.measure_from && now < load_.measure_until) {
    ++load_.measured;
    load_.latencies.add(now - sent_at_.front());
  }
  sent_at_.pop_front();
  if (load_.sending) request(now);
}

}  // namespace bench
