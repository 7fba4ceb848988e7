#pragma once
// Children of a supervisor that do as a test says: they come up and go down at once, unless told otherwise.

#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "skep/actors/supervisor.hpp"

namespace skep {

class SupervisedWorld {
 public:
  using Time = Supervisor::Time;
  using Kind = SupervisorAction::Kind;

  SupervisedWorld(SupervisorSettings settings, std::vector<ChildSpec> children)
      : supervisor_(settings, std::move(children)) {}

  /// Does what a line says and returns what the supervisor wanted done for it: "stop c, stop b, start b, start c".
  ///
  /// start | stop | +<ms> | crash x | exit x | shutdown x (by itself, with that reason) | refuse x, accept x (starts
  /// fail, go well) | hang x (does not stop) | mute x (neither comes up nor fails) | up x | late x (an answer of its
  /// last life but one) | terminate x | restart x | delete x | add x
  std::string run(const std::string& line) {
    trace_.clear();
    std::istringstream words(line);
    std::string verb, name;
    words >> verb >> name;
    if (verb[0] == '+') {
      advance(std::chrono::milliseconds(std::stoi(verb.substr(1))));
    } else {
      act(verb, name);
      watch();
    }
    settle();
    return trace_;
  }

  void act(const std::string& verb, const std::string& name) {
    if (verb == "start") return supervisor_.start(now_);
    if (verb == "stop") return supervisor_.stop(now_);
    if (verb == "refuse") return void(refusing_.insert(name));
    if (verb == "accept") return void(refusing_.erase(name));
    if (verb == "hang") return void(hanging_.insert(name));
    if (verb == "mute") return void(mute_.insert(name));
    if (verb == "add") return say(supervisor_.start_child({.name = name, .rank = 99}, now_));
    const auto id = supervisor_.find(name);
    if (!id) return say(Result<void>(Error{errc::not_found, "no " + name}));
    const ChildRun run{*id, lives_[name]};
    if (verb == "crash") return supervisor_.ended(run, ExitKind::abnormal, name + " crashed", now_);
    if (verb == "exit") return supervisor_.ended(run, ExitKind::normal, "", now_);
    if (verb == "shutdown") return supervisor_.ended(run, ExitKind::shutdown, "", now_);
    if (verb == "up") return supervisor_.started(run, now_);
    if (verb == "late") return supervisor_.ended({*id, run.life - 1}, ExitKind::abnormal, "late", now_);
    if (verb == "terminate") return say(supervisor_.terminate_child(*id, now_));
    if (verb == "restart") return say(supervisor_.restart_child(*id, now_));
    if (verb == "delete") return say(supervisor_.delete_child(*id));
    throw std::invalid_argument("no verb " + verb);
  }

  /// Stops on the way wherever the supervisor wants to be called.
  void advance(std::chrono::nanoseconds time) {
    const auto end = now_ + time;
    for (auto due = supervisor_.due(); due && *due <= end; due = supervisor_.due()) {
      now_ = std::max(now_, *due);
      supervisor_.tick(now_);
      watch();
      settle();
    }
    now_ = end;
  }

  void settle() {
    for (auto actions = supervisor_.take_actions(); !actions.empty(); actions = supervisor_.take_actions()) {
      for (const auto& action : actions) {
        perform(action);
        watch();
      }
    }
  }

  [[nodiscard]] Supervisor& supervisor() { return supervisor_; }
  [[nodiscard]] Time now() const { return now_; }
  /// When each restart was decided on.
  [[nodiscard]] const std::vector<Time>& restarts() const { return restarts_; }
  std::function<void(const SupervisorAction&)> on_action = [](const SupervisorAction&) {};

 private:
  void perform(const SupervisorAction& action) {
    on_action(action);
    static const std::map<Kind, std::string> words{{Kind::start, "start "},  {Kind::stop, "stop "},
                                                   {Kind::kill, "kill "},    {Kind::ready, "ready"},
                                                   {Kind::failed, "failed"}, {Kind::ended, "ended"}};
    const bool of_child = action.kind == Kind::start || action.kind == Kind::stop || action.kind == Kind::kill;
    const auto name = of_child ? supervisor_.spec(action.run.child).name : "";
    say(words.at(action.kind) + name);
    if (action.kind == Kind::start) {
      lives_[name] = action.run.life;
      if (mute_.count(name) != 0) return;
      if (refusing_.count(name) != 0) return supervisor_.ended(action.run, ExitKind::abnormal, "refuses", now_);
      supervisor_.started(action.run, now_);
    } else if (action.kind == Kind::stop && hanging_.count(name) == 0) {
      supervisor_.ended(action.run, ExitKind::shutdown, "", now_);
    }
  }
  void watch() { restarts_.resize(supervisor_.restarts(), now_); }
  void say(const std::string& text) { trace_ += (trace_.empty() ? "" : ", ") + text; }
  template <class T>
  void say(const Result<T>& result) {
    if (!result) say("error " + result.error().message);
  }

  Supervisor supervisor_;
  Time now_ = Time{} + std::chrono::hours(1);
  std::map<std::string, std::uint32_t> lives_;
  std::set<std::string> refusing_, hanging_, mute_;
  std::string trace_;
  std::vector<Time> restarts_;
};

}  // namespace skep
