// `skep.log`: writes each record to the log and ends it there. A flood costs lines, never the swarm's pace: past a rate
// the newest lines wait for the next second, the oldest are left out, and how many they were is written. Bytes go on as
// they are: the log escapes what a terminal would obey.

#include <array>
#include <chrono>
#include <deque>
#include <string>

#include "ready_made_bees.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> level_names = {"debug", "info", "warning", "error"};

LogLevel level_from(const std::string& name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<LogLevel>(i);
  }
  return LogLevel::info;
}

class Log final : public Bee {
 public:
  struct Options {
    std::string level = "info";
    std::string prefix;
    std::int64_t lines_per_second_max = limits::log_lines_per_second_max;
    std::int64_t text_bytes_max = limits::log_text_bytes_max;
  };

  static void describe(BeeClass<Log>& c) {
    c.summary("Writes each record to the log and passes nothing on.")
        .no_default_output()
        .option("level", &Options::level, "of the lines", {.one_of = {level_names.begin(), level_names.end()}})
        .option("prefix", &Options::prefix, "written before each record")
        .option("lines_per_second_max", &Options::lines_per_second_max, "past this the oldest lines are left out",
                {.min = 1, .max = 1'000'000})
        .option("text_bytes_max", &Options::text_bytes_max, "a longer record is cut", {.min = 1, .max = 65536});
  }

  explicit Log(Options options) : options_(std::move(options)), level_(level_from(options_.level)) {}

  void on_start(BeeContext& context) override { context_ = &context; }

  void on_record(Record record, Outbox&) override {
    if (context_->now() - second_begin_ >= 1s) begin_second();
    auto line = line_of(record);
    if (waiting_.empty() && written_ < options_.lines_per_second_max) return write(line);
    if (waiting_.empty()) context_->start_timer(second_begin_ + 1s - context_->now());
    waiting_.push_back(std::move(line));  // not the record, whose payload may be large
    if (waiting_.size() <= limits::log_lines_waiting_max) return;
    waiting_.pop_front();
    ++left_out_;
  }

  void on_timer(TimerId, Outbox&) override {
    begin_second();
    write_waiting(options_.lines_per_second_max);
    if (!waiting_.empty()) context_->start_timer(1s);
  }

  void on_stop(Outbox&) override { write_waiting(limits::log_lines_waiting_max); }

 private:
  void begin_second() {
    second_begin_ = context_->now();
    written_ = 0;
  }

  void write_waiting(std::int64_t lines_max) {
    if (left_out_ > 0)
      context_->log(LogLevel::warning,
                    counted(left_out_, "record").append(" ").append(is_or_are(left_out_)) + " left out here");
    left_out_ = 0;
    for (; !waiting_.empty() && lines_max > 0; --lines_max) {
      write(waiting_.front());
      waiting_.pop_front();
    }
  }

  void write(const std::string& line) {
    context_->log(level_, line);
    ++written_;
  }

  [[nodiscard]] std::string line_of(const Record& record) const {
    const auto kind = record.content().kind;
    if (kind == ContentKind::json || kind == ContentKind::raw) return line_of(record.text());
    if (kind == ContentKind::capnp && context_->payload_types() != nullptr) {
      if (const auto json = context_->payload_types()->to_json(record)) return line_of(*json);  // else it has no JSON
    }
    return options_.prefix + std::string(to_string(kind)) + ", " + counted(record.size(), "byte");
  }

  [[nodiscard]] std::string line_of(std::string_view whole) const {
    const auto text = utf8_prefix(whole, static_cast<std::size_t>(options_.text_bytes_max));
    const auto left = whole.size() - text.size();
    return options_.prefix + std::string(text) + (left > 0 ? "... (" + counted(left, "more byte") + ")" : "");
  }

  Options options_;
  LogLevel level_;
  BeeContext* context_ = nullptr;
  std::chrono::steady_clock::time_point second_begin_{};
  std::int64_t written_ = 0;  ///< lines of this second
  std::uint64_t left_out_ = 0;
  std::deque<std::string> waiting_;
};

}  // namespace

void add_log_bee(BeeRegistry& registry) {
  registry.add<Log>("skep.log");
}

}  // namespace skep
