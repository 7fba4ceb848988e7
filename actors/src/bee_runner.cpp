#include "skep/actors/bee_runner.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "skep/actors/limits.hpp"
#include "skep/serialization/malformed.hpp"
#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace {

enum class Blame : std::uint8_t { bee, record, room };

struct Thrown {
  Blame blame;
  std::string text;
};

/// "Alarm"; what is known of a type that no schema here has.
std::string type_name(const PayloadTypes* types, std::uint64_t type) {
  return types == nullptr ? "another type" : types->name(type);
}

/// The exception being handled.
Thrown thrown(const PayloadTypes* types) {
  try {
    throw;
  } catch (const WrongType& wrong) {
    return {Blame::record, "the payload is " + type_name(types, wrong.got()) + ", not " + wrong.wanted_name()};
  } catch (const BadRecord& bad) {
    return {Blame::record, bad.what()};
  } catch (const kj::Exception&) {  // from a getter of a Cap'n Proto payload
    return {Blame::record, std::string("malformed message: ") + why_malformed};
  } catch (const TooManyHeld& full) {
    return {Blame::room, full.what()};
  } catch (const std::exception& exception) {
    return {Blame::bee, exception.what()};
  } catch (...) {
    return {Blame::bee, "an exception of unknown type"};
  }
}

}  // namespace

std::vector<PayloadType> types_of(const std::vector<PortDescription>& outputs) {
  std::vector<PayloadType> types;
  for (const auto& port : outputs) types.push_back(port.type);
  if (std::ranges::none_of(types, [](const PayloadType& type) { return bool(type); })) return {};
  return types;
}

BeeRunner::BeeRunner(BeeFactory factory, Settings settings, BeeHost& host)
    : factory_(std::move(factory)),
      takes_batches_(settings.takes_batches),
      output_types_(std::move(settings.output_types)),
      host_(host),
      held_(settings.holds_records ? std::make_unique<HeldRecords>(settings.held, host) : nullptr),
      plain_(output_types_.empty() && held_ == nullptr) {}

BeeRunner::~BeeRunner() = default;

Result<void> BeeRunner::start() {
  assert(!running());
  const char* step = "its constructor";
  try {
    auto bee = factory_();
    step = "on_start";
    bee->on_start(host_);
    bee_ = std::move(bee);
  } catch (...) {
    host_.cancel_timers();
    return Error{errc::bee_failed, std::string(step) + " failed: " + thrown(host_.payload_types()).text};
  }
  if (restarted_) ++counts_.rebuilds;
  restarted_ = true;
  failure_.clear();
  return {};
}

bool BeeRunner::ready() const noexcept {
  return running() && outbox_.size() < limits::outbox_records_mark;
}

/// A record of another type than its port's is a mistake of the bee, and no reader of it would know what it is.
void BeeRunner::check_types() const {
  outbox_.each_emission_of_call([this](Port port, const Record& record) {
    if (port.index() >= output_types_.size()) return;
    const auto& type = output_types_[port.index()];
    const auto content = record.content();
    const bool typed = content.kind == ContentKind::capnp;
    if (!type || (typed && content.schema == type.id)) return;
    throw std::logic_error(
        "it sent " + (typed ? type_name(host_.payload_types(), content.schema) : std::string(to_string(content.kind))) +
        " on a port that is described to send " + type.name);
  });
}

/// A call for so many records is over without a throw.
void BeeRunner::returned(std::size_t records) {
  if (!plain_) {
    if (!output_types_.empty()) check_types();
    if (held_) held_->commit();
  }
  const auto& faults = outbox_.faults();
  if (faults.empty() || faults.size() < records) throws_in_row_ = 0;
  if (!faults.empty()) lose_faults();
}

[[gnu::always_inline]] void BeeRunner::run_one(Record&& record) {
  auto kept = record.copy_unshared();
  mark_.next();
  outbox_.begin_call();
  try {
    if (takes_batches_) {
      bee_->on_batch({&record, 1}, outbox_);
    } else {
      bee_->on_record(std::move(record), outbox_);
    }
    returned(1);
  } catch (...) {
    return lose_current(kept);
  }
  if (auto* emitted = outbox_.last_of_call()) kept.release_beside(*emitted);  // mostly the same record, passed on
}

std::size_t BeeRunner::run(std::span<Record> records) {
  assert(running());
  const CallMark::Inside inside(mark_);
  if (takes_batches_ && !records.empty()) return run_batch(records);
  return run_each(records);
}

std::size_t BeeRunner::run_each(std::span<Record> records) {
  std::size_t done = 0;
  while (done < records.size() && ready()) {
    run_one(std::move(records[done++]));
  }
  return done;
}

std::size_t BeeRunner::run_batch(std::span<Record> records) {
  kept_.assign(records.begin(), records.end());
  outbox_.begin_call();
  std::size_t done = records.size();
  try {
    bee_->on_batch(records, outbox_);
    returned(records.size());
  } catch (...) {
    done = run_again(records);
  }
  kept_.clear();
  return done;
}

/// Called while the exception that ended a batch is handled: one record is to blame, and only that one is lost.
std::size_t BeeRunner::run_again(std::span<Record> records) {
  if (records.size() == 1) {
    lose_current(kept_.front());
    return 1;
  }
  const auto why = thrown(host_.payload_types());
  roll_back(why.text);
  if (why.blame == Blame::bee) rebuild(why.text);
  const auto done = run_each(kept_);
  std::move(kept_.begin() + static_cast<std::ptrdiff_t>(done), kept_.end(),
            records.begin() + static_cast<std::ptrdiff_t>(done));
  return done;
}

void BeeRunner::lose_current(const Record& record) {
  const auto why = thrown(host_.payload_types());
  roll_back(why.text);
  if (why.blame == Blame::room) return lose_for_room(record, why.text);
  if (why.blame == Blame::bee) {
    lose_to_fault(record, why.text);
    return throws_in_row_ < limits::throws_in_row_max ? rebuild(why.text) : fail_of_throws(why.text);
  }
  ++counts_.bad;
  outbox_.lose(record, errc::bad_record, why.text);
  host_.on_loss(record, errc::bad_record, why.text);
}

/// The bee is to blame.
void BeeRunner::lose_to_fault(const Record& record, const std::string& why) {
  const auto text = "bee '" + std::string(host_.name()) + "' failed: " + why;
  ++counts_.failed;
  ++throws_in_row_;
  outbox_.lose(record, errc::bee_failed, text);
  host_.on_loss(record, errc::bee_failed, why);
}

/// The bee holds all it may. Says nothing of the bee's health: it is as it was before the record.
void BeeRunner::lose_for_room(const Record& record, const std::string& why) {
  const auto text = "bee '" + std::string(host_.name()) + "': " + why;
  ++counts_.failed;
  outbox_.lose(record, errc::overloaded, text);
  host_.on_loss(record, errc::overloaded, why);
}

/// The call has thrown. What it had let go of comes back from nowhere: its outputs are taken back.
void BeeRunner::roll_back(const std::string& why) {
  outbox_.rollback();
  if (held_) lose_held(held_->roll_back(), errc::bee_failed, "failed on what it did with this record: " + why, why);
}

/// `what` is for the client of each, `why` for the log.
void BeeRunner::lose_held(const std::vector<Record>& records, errc code, const std::string& what,
                          const std::string& why) {
  if (records.empty()) return;
  const auto text = "bee '" + std::string(host_.name()) + "' " + what;
  for (const auto& record : records) outbox_.lose(record, code, text);
  counts_.held_lost += records.size();
  host_.on_held_loss(records.size(), why);
}

/// What the call has reported with Outbox::fail(record, BeeFault).
void BeeRunner::lose_faults() {
  auto& faults = outbox_.faults();
  for (const auto& [record, fault] : faults) lose_to_fault(record, fault.what);
  if (throws_in_row_ >= limits::throws_in_row_max) fail_of_throws(faults.back().second.what);
  faults.clear();
}

void BeeRunner::fail_of_throws(const std::string& last) {
  auto in_row = std::to_string(throws_in_row_);
  throws_in_row_ = 0;
  fail(in_row.append(" throws in a row (throws_in_row_max), the last: ").append(last));
}

void BeeRunner::halt() {
  end_object(errc::unavailable, "was stopped while it held this record", "the bee was stopped");
}

void BeeRunner::end_object(errc code, const std::string& what, const std::string& why) {
  if (held_) lose_held(held_->take_all(), code, what, why);
  bee_.reset();
  host_.cancel_timers();
}

void BeeRunner::rebuild(const std::string& why) {
  end_object(errc::bee_failed, "failed while it held this record: " + why, why);
  if (const auto started = start(); !started) fail(started.error().message);
}

void BeeRunner::fail(std::string why) {
  end_object(errc::bee_failed, "failed while it held this record: " + why, why);
  failure_ = std::move(why);
}

void BeeRunner::fire(TimerId timer) {
  assert(running());
  const CallMark::Inside inside(mark_);
  outbox_.begin_call();
  try {
    bee_->on_timer(timer, outbox_);
    returned(0);
  } catch (...) {
    const auto why = "on_timer failed: " + thrown(host_.payload_types()).text;
    roll_back(why);
    fail(why);
  }
}

void BeeRunner::stop() {
  assert(running());
  const CallMark::Inside inside(mark_);
  outbox_.begin_call();
  try {
    bee_->on_stop(outbox_);
    returned(0);
  } catch (...) {
    const auto why = "on_stop failed: " + thrown(host_.payload_types()).text;
    roll_back(why);
    host_.log(LogLevel::error, why);
  }
  if (!held_) return;
  const auto left = held_->take_all();
  counts_.held_at_end += left.size();
  lose_held(left, errc::unavailable, "stopped while it held this record", "on_stop did not let go of them");
}

}  // namespace skep
