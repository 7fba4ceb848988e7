#pragma once
// A bee whose callbacks a test writes in place. The script outlives every object built from it.

#include <functional>
#include <memory>
#include <vector>

#include "skep/actors/bee_class.hpp"

namespace skep {

struct Script {
  std::function<void(BeeContext&)> on_start = [](BeeContext&) {};
  std::function<void(Record, Outbox&)> on_record = [](Record record, Outbox& out) { out.emit(std::move(record)); };
  std::function<void(std::span<Record>, Outbox&)> on_batch = [](std::span<Record> records, Outbox& out) {
    for (auto& record : records) out.emit(std::move(record));
  };
  std::function<void(TimerId, Outbox&)> on_timer = [](TimerId, Outbox&) {};
  std::function<void(Outbox&)> on_stop = [](Outbox&) {};

  int built = 0;
  int stopped = 0;
  std::vector<std::size_t> batch_sizes;
};

class ScriptedBee final : public Bee {
 public:
  explicit ScriptedBee(Script& script) : script_(script) { ++script.built; }

  void on_start(BeeContext& context) override { script_.on_start(context); }
  void on_record(Record record, Outbox& out) override { script_.on_record(std::move(record), out); }
  void on_batch(std::span<Record> records, Outbox& out) override {
    script_.batch_sizes.push_back(records.size());
    script_.on_batch(records, out);
  }
  void on_timer(TimerId timer, Outbox& out) override { script_.on_timer(timer, out); }
  void on_stop(Outbox& out) override {
    ++script_.stopped;
    script_.on_stop(out);
  }

 private:
  Script& script_;
};

inline BeeFactory factory_of(Script& script) {
  return [&script] { return std::make_unique<ScriptedBee>(script); };
}

}  // namespace skep
