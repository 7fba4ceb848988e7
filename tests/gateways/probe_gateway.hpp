#pragma once
// A custom gateway that does what a test says, and keeps what it was told.

#include <kj/debug.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "skep/gateways/gateway_class.hpp"

namespace skep::testing {

class Probe final : public Gateway {
 public:
  struct Options {
    std::string throws_in{};  ///< this callback throws
    std::string kind = "raw";
    std::string listen{};
  };

  static void describe(GatewayClass<Probe>& c) {
    c.summary("Does what a test says.")
        .answers()
        .out()
        .content(ContentKind::json)
        .listens("listen", ListenProtocol::udp)
        .option("throws_in", &Options::throws_in, "the callback that throws")
        .option("kind", &Options::kind, "of what", {.one_of = {"raw", "json"}})
        .option("listen", &Options::listen, "host:port");
  }
  explicit Probe(Options options) : options_(std::move(options)) {}

  void on_start(GatewayContext& given) override {
    context = &given;
    reach("on_start");
  }
  void on_answer(const Answered& answered) override {
    reach("on_answer");
    answers.push_back(answered);
    if (then) std::exchange(then, nullptr)();
  }
  void deliver(const Record& record) override {
    reach("deliver");
    if (record.text() == "bad") throw BadRecord("it is bad");
    if (record.text() == "broken") KJ_FAIL_REQUIRE("its words");  // as a getter of its payload would
    delivered.emplace_back(record.text());
    if (then) std::exchange(then, nullptr)();
  }
  void on_readable(int descriptor) override {
    reach("on_readable");
    if (read) read(descriptor);
  }
  void on_timer(TimerId timer) override {
    reach("on_timer");
    timers.push_back(timer);
  }
  void on_stop() override {
    stopped = true;
    reach("on_stop");
  }

  Result<SubmissionId> submit(std::string_view text, std::uint64_t tag = 0) {
    return context->submit({.payload = payload(text), .tag = tag});
  }
  Result<SubmissionId> submit(GatewaySession session, std::string_view text, std::uint64_t tag = 0) {
    return context->submit({.payload = payload(text), .session = session, .tag = tag});
  }
  /// What it was told, as "tag: text", in order.
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const auto& answer : answers) {
      const auto text = answer.ok() ? answer.text() : std::string(to_string(answer.failure->code));
      all.push_back(std::to_string(answer.tag) + ": " + text);
    }
    return all;
  }

  GatewayContext* context = nullptr;
  std::vector<Answered> answers;
  std::vector<std::string> delivered;
  std::vector<TimerId> timers;
  std::function<void()> then;  ///< called once, in the next answer or delivery
  std::function<void(int)> read;
  bool stopped = false;

 private:
  [[nodiscard]] Payload payload(std::string_view text) const {
    return options_.kind == "json" ? Payload::json(text) : Payload::raw(text);
  }
  void reach(const char* callback) const {
    if (options_.throws_in == callback) throw std::runtime_error("as it should");
  }

  Options options_;
};

}  // namespace skep::testing
