#include "testing/test_run.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <new>
#include <span>
#include <utility>

#include "skep/runtime/printable.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/json.hpp"
#include "test_reader.hpp"
#include "testing/record_diff.hpp"

namespace skep::testing {
namespace {

/// A step did not go as expected.
struct Unexpected {
  TestProblem problem;
};

/// Letters are to be looked at, whatever the swarm keeps of them.
DeadLetterSettings kept(DeadLetterSettings settings) {
  const DeadLetterSettings least{.records_max = limits::test_records_max};
  return {std::max(settings.records_max, least.records_max), std::max(settings.bytes_max, least.bytes_max)};
}

SwarmHarnessSettings harness_settings(const SwarmTest& test, const TestRunSettings& settings, TestLog& log) {
  SwarmHarnessSettings harness{.steps_max = settings.messages_max, .log_lines_max = 1, .calls = settings.calls};
  harness.on_log = [&log](LogLevel level, std::string_view source, std::string_view text) {
    log.add(level, source, text);
  };
  if (test.starts_at) harness.wall_clock = EventTime(*test.starts_at);
  return harness;
}

Payload payload_of(const TestRecord& record) {
  const auto kind = record.form == TestRecord::Form::binary ? ContentKind::raw : ContentKind::json;
  return Payload::borrow(std::as_bytes(std::span(record.bytes)), {kind});
}

/// A record as it was read. A tensor is JSON for people, and where its gateway shows it so.
Came came_of(const Record& record, std::string text) {
  Came came{std::move(text), record.content().kind == ContentKind::json};
  if (record.content().kind != ContentKind::tensor) return came;
  if (record.text() != came.text) {
    came.is_json = true;
    return came;
  }
  try {
    came.tensor = tensor_json(record.tensor());
  } catch (const BadRecord&) {  // NaN has no JSON: bytes it is
  }
  return came;
}

std::string shown_arrival(const Came& came) {
  return shown_record(came.tensor.empty() ? came.text : came.tensor);
}

std::string shown(const DeadLetter& letter) {
  return "bee '" + letter.bee + "', " + std::string(to_string(letter.code)) + ": " + shown_record(letter.reason);
}

std::string shown(const TestDeadLetter& letter) {
  auto text = "bee '" + letter.bee + "'" + (letter.code ? ", " + std::string(to_string(*letter.code)) : "");
  return letter.reason_part.empty() ? text : text + ": ..." + printable(letter.reason_part) + "...";
}

std::string shown(const TestError& error) {
  const auto code = std::string(to_string(error.code));
  return error.message_part.empty() ? code : code + ": ..." + printable(error.message_part) + "...";
}

/// Where records come: a session, or a gateway that sends out. Knows how many were looked at.
class Outlet {
 public:
  Outlet(std::string name, SwarmHarness::Session session) : name_(std::move(name)), session_(session) {}
  Outlet(std::string name, SwarmHarness::Gateway gateway) : name_(std::move(name)), gateway_(gateway) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t unread() const {
    return (session_ ? session_->reply_count() : gateway_->sent().size()) - read_;
  }
  void skip(std::size_t count) { read_ += count; }

  struct Arrived {
    Came came;
    std::optional<Failure> failure{};
  };
  /// At most so many, without looking at them for good.
  [[nodiscard]] std::vector<Arrived> peek(std::size_t count_max) const {
    std::vector<Arrived> all;
    const auto count = std::min(count_max, unread());
    if (!session_) {
      for (std::size_t i = 0; i < count; ++i) {
        all.push_back({came_of(gateway_->sent()[read_ + i], gateway_->sent_text(read_ + i)), {}});
      }
      return all;
    }
    for (const auto& reply : session_->replies(read_, count)) {
      if (reply.ok()) {
        all.push_back({came_of(reply.record(), reply.text()), {}});
      } else {
        all.push_back({{reply.text(), true, {}}, reply.failure()});
      }
    }
    return all;
  }

 private:
  std::string name_;
  std::optional<SwarmHarness::Session> session_;
  std::optional<SwarmHarness::Gateway> gateway_;
  std::size_t read_ = 0;
};

class TestRun {
 public:
  TestRun(const SwarmTest& test, const SwarmPlan& plan, SwarmHarness& swarm) : test_(test), swarm_(swarm) {
    for (const auto& gateway : plan.gateways) {
      const auto& name = gateway.spec.name;
      if (!gateway.spec.from.empty()) out_.emplace(name, Outlet("gateway '" + name + "'", swarm.gateway(name)));
    }
  }

  void run() {
    for (const auto& step : test_.steps) {
      position_ = step.position;
      run(step);
    }
    swarm_.advance({});
    check_swarm();
    check_unread();
  }
  [[nodiscard]] SourcePosition position() const noexcept { return position_; }

 private:
  void run(const TestStep& step) {
    for (const auto& each : step.sends) send(each);
    if (step.advance.count() > 0) swarm_.advance(step.advance);
    if (step.drain) drain(step);
    for (const auto& each : step.expects) expect(each);
    if (!step.dead_letters.empty()) expect_dead_letters(step.dead_letters);
    check_swarm();
  }

  void send(const TestSend& send) {
    auto session = session_of(send.gateway, send.session);
    std::vector<Payload> payloads;
    for (const auto& record : send.records) payloads.push_back(payload_of(record));
    if (send.together) return session.send_payloads(payloads);
    for (const auto& payload : payloads) session.send(payload);
  }

  SwarmHarness::Session session_of(const std::string& gateway, const std::string& name) {
    const auto found = sessions_.find({gateway, name});
    if (found != sessions_.end()) return found->second.first;
    const auto session = swarm_.gateway(gateway).connect();
    const auto of = name.empty() ? "" : "session '" + name + "' of ";
    const std::pair place(session, Outlet(of + "gateway '" + gateway + "'", session));
    return sessions_.emplace(std::pair(gateway, name), place).first->second.first;
  }

  void drain(const TestStep& step) {
    const auto drained = swarm_.drain();
    if (!drained) fail(step.position, drained.error().message);
  }

  Outlet& outlet_of(const TestExpect& expect) {
    return expect.answers ? sessions_.at({expect.gateway, expect.session}).second : out_.at(expect.gateway);
  }

  void expect(const TestExpect& expect) {
    position_ = expect.position;
    auto& outlet = outlet_of(expect);
    if (expect.what == TestExpect::What::nothing) return expect_nothing(expect, outlet);
    const auto count = std::max(expect.records.size(), expect.errors.size());
    swarm_.advance_until([&] { return outlet.unread() >= count || swarm_.failed(); }, expect.within);
    if (outlet.unread() < count) check_swarm();
    if (expect.what == TestExpect::What::errors) {
      expect_errors(expect, outlet);
    } else {
      expect_records(expect, outlet);
    }
    outlet.skip(count);
  }

  void expect_nothing(const TestExpect& expect, const Outlet& outlet) {
    const bool came = swarm_.advance_until([&] { return outlet.unread() > 0; }, expect.within);
    if (!came) return;
    fail(expect.position, "from " + outlet.name() + " nothing was expected for " + to_string(expect.within),
         unread_lines(outlet));
  }

  void expect_records(const TestExpect& expect, const Outlet& outlet) const {
    std::vector<Comparable> expected, came;
    bool refused = false;  // an error is no record, whatever it may look like
    for (const auto& record : expect.records) expected.emplace_back(record);
    for (auto& each : outlet.peek(expected.size())) {
      refused = refused || each.failure;
      came.emplace_back(std::move(each.came));
    }
    const bool all = came.size() == expected.size() && complete(pair_up(expected, came, expect.match));
    if (all && !refused) return;
    if (all) return fail(expect.position, "an error came where a record was expected", unread_lines(outlet));
    came.clear();
    for (auto& each : outlet.peek(expected.size() + limits::test_shown_records_max)) {
      came.emplace_back(std::move(each.came));
    }
    fail(expect.position, what_came(outlet, expected.size(), expect.within), record_diff(expected, came, expect.match));
  }

  void expect_errors(const TestExpect& expect, const Outlet& outlet) const {
    const auto came = outlet.peek(expect.errors.size());
    std::vector<std::string> lines;
    bool all = true;
    for (std::size_t i = 0; i < expect.errors.size(); ++i) {
      const auto& wanted = expect.errors[i];
      const bool is = i < came.size() && came[i].failure && came[i].failure->code == wanted.code &&
                      came[i].failure->message.find(wanted.message_part) != std::string::npos;
      all = all && is;
      if (lines.size() >= limits::test_shown_records_max) continue;
      if (!is) lines.push_back("  - " + shown(wanted));
      if (i < came.size()) lines.push_back((is ? "    " : "  + ") + shown_arrival(came[i].came));
    }
    if (!all) fail(expect.position, what_came(outlet, expect.errors.size(), expect.within), std::move(lines));
  }

  static std::string what_came(const Outlet& outlet, std::size_t expected, std::chrono::nanoseconds within) {
    const auto came = outlet.unread();
    if (came >= expected) return "what came from " + outlet.name() + " is not what was expected (-), but (+)";
    return "from " + outlet.name() + " came " + std::to_string(came) + " of " + std::to_string(expected) +
           " expected within " + to_string(within);
  }

  /// In the order in which they died.
  void expect_dead_letters(const std::vector<TestDeadLetter>& expected) {
    position_ = expected.front().position;
    const auto added = [this] { return swarm_.dead_letters().counts().added; };
    swarm_.advance_until([&] { return added() >= letters_read_ + expected.size() || swarm_.failed(); }, test_.within);
    const auto came = letters(expected.size());
    std::vector<std::string> lines;
    bool all = true;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& wanted = expected[i];
      const bool is = i < came.size() && came[i].bee == wanted.bee && (!wanted.code || came[i].code == *wanted.code) &&
                      came[i].reason.find(wanted.reason_part) != std::string::npos;
      all = all && is;
      if (!is) lines.push_back("  - " + shown(wanted));
      if (i < came.size()) lines.push_back((is ? "    " : "  + ") + shown(came[i]));
    }
    if (!all) fail(expected.front().position, "the dead letters are not those expected (-), but (+)", std::move(lines));
    letters_read_ += came.size();
    last_letter_ = came.back().id;
  }

  [[nodiscard]] std::vector<DeadLetter> letters(std::size_t count_max) const {
    return swarm_.dead_letters().list({}, last_letter_, count_max).letters;
  }

  void check_swarm() const {
    if (swarm_.failed()) fail(position_, "the swarm has failed: " + swarm_.failure());
  }

  static std::vector<std::string> unread_lines(const Outlet& outlet) {
    std::vector<std::string> lines;
    for (const auto& each : outlet.peek(limits::test_shown_records_max)) {
      lines.push_back("  + " + shown_arrival(each.came));
    }
    const auto more = outlet.unread() - lines.size();
    if (more > 0) lines.push_back("  ... and " + counted(more, "record") + " more");
    return lines;
  }

  void check_unread() const {
    for (const auto& [name, outlet] : out_) check_unread(outlet);
    for (const auto& [name, session] : sessions_) check_unread(session.second);
    const auto added = swarm_.dead_letters().counts().added;
    if (added <= letters_read_) return;
    std::vector<std::string> lines;
    for (const auto& letter : letters(limits::test_shown_records_max)) lines.push_back("  + " + shown(letter));
    fail(test_.position, counted(added - letters_read_, "dead letter") + " at the end that no step expects",
         std::move(lines));
  }

  void check_unread(const Outlet& outlet) const {
    if (outlet.unread() == 0) return;
    fail(test_.position, counted(outlet.unread(), "record") + " from " + outlet.name() + " that no step expects",
         unread_lines(outlet));
  }

  [[noreturn]] static void fail(SourcePosition position, std::string message, std::vector<std::string> lines = {}) {
    throw Unexpected{{position, std::move(message), std::move(lines)}};
  }

  const SwarmTest& test_;
  SwarmHarness& swarm_;
  SourcePosition position_{};
  std::map<std::string, Outlet> out_;  ///< gateways that send out
  std::map<std::pair<std::string, std::string>, std::pair<SwarmHarness::Session, Outlet>> sessions_;
  std::uint64_t letters_read_ = 0;
  std::optional<DeadLetterId> last_letter_;
};

void play(const SwarmTest& test, const SwarmPlan& plan, SwarmHarness& swarm, TestResult& result) {
  TestRun run(test, plan, swarm);
  try {
    run.run();
  } catch (const Unexpected& unexpected) {
    result.problems.push_back(unexpected.problem);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {  // a swarm that does not come to rest
    result.problems.push_back({run.position(), thrown.what()});
  }
}

std::string in_one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void start_and_play(const SwarmTest& test, const SwarmPlan& plan, SwarmHarnessSettings settings, TestResult& result) {
  auto swarm = SwarmHarness::from_plan(plan, std::move(settings));
  const auto begin = swarm.now();
  if (swarm.started()) {
    play(test, plan, swarm, result);
  } else {
    result.problems.push_back({test.position, "the swarm does not start: " + in_one_line(swarm.problems())});
  }
  result.time = swarm.now() - begin;
}

}  // namespace

TestResult run_test(const SwarmTest& test, SwarmPlan plan, const TestRunSettings& settings) {
  plan.dead_letters = kept(plan.dead_letters);
  TestResult result;
  TestLog own;
  auto& log = settings.log != nullptr ? *settings.log : own;
  log.clear();
  try {
    start_and_play(test, plan, harness_settings(test, settings, log), result);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& thrown) {
    result.problems.push_back({test.position, thrown.what()});
  }
  result.log = log.lines();
  return result;
}

}  // namespace skep::testing
