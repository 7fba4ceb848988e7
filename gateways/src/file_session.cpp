#include "file_session.hpp"

#include <algorithm>
#include <span>

#include "gateway_core.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {
namespace {

std::string shown(const std::string& path, const char* standard) {
  return path == "-" ? standard : path;
}

}  // namespace

FileSession::FileSession(GatewayCore& gateway, Settings settings)
    : Session(gateway),
      settings_(std::move(settings)),
      in_(gateway.loop().context()),
      out_file_(gateway.loop().context()),
      parser_(Framing::line, settings_.line_bytes_max, AfterTooLong::next, "line_bytes_max"),
      input_name_(shown(settings_.input, "standard input")),
      output_name_(shown(settings_.output, "standard output")) {}

Result<void> FileSession::open() {
  if (!settings_.input.empty()) {
    if (auto opened = in_.open(settings_.input, Descriptor::Use::read); !opened) return opened;
    input_ = Input::reading;
  }
  if (settings_.output.empty()) return {};
  return out_file_.open(settings_.output, Descriptor::Use::write, &in_);
}

bool FileSession::finished() const {
  return !settings_.input.empty() && input_ == Input::ended && replies().places() == 0 && unwritten() == 0;
}

void FileSession::start() {
  await_input();
}

// Input.

void FileSession::await_input() {
  if (reading_ || gateway_ == nullptr || input_ != Input::reading) return;
  reading_ = true;
  in_.async_wait([self = boost::intrusive_ptr(this)] {
    self->reading_ = false;
    if (self->gateway_ != nullptr && self->input_ == Input::reading) self->on_readable();
  });
}

void FileSession::on_readable() {
  gateway_->arrived();
  const auto room = gateway_->loop().scratch();
  const auto bytes = in_.read(room);
  if (!bytes) return end(bytes.error().message);
  if (bytes->has_value()) {
    end_seen_ = **bytes == 0;
    parser_.feed({room.data(), **bytes});
    take_lines();
    keep_rest();
  }
  await_input();
}

/// What came of a line that is not whole takes its place in the node's budget as it comes; a file can wait for that.
void FileSession::keep_rest() {
  parser_.trim();
  if (gateway_->room().hold(*this) || input_ != Input::reading || input_memory() <= limits::session_free_bytes) return;
  input_ = Input::waiting;
  gateway_->room().starve(*this);
}

void FileSession::take_lines() {
  while (input_ == Input::reading) {
    const auto take = gateway_->may_take(*this);
    if (take != Take::yes) {
      input_ = Input::waiting;
      if (take == Take::wait_for_swarm) gateway_->wait(*this);
      return;
    }
    const auto line = parser_.next();
    if (!line) {
      ++lines_;
      gateway_->refuse(*this, {line.error().code, line.error().message, true});
    } else if (line->has_value()) {
      on_line(**line);
    } else if (end_seen_) {
      if (!parser_.rest().empty()) on_line(parser_.rest());
      return end({});
    } else {
      return;
    }
  }
}

void FileSession::on_line(std::string_view line) {
  ++lines_;
  gateway_->submit(*this, Payload::borrow(std::as_bytes(std::span(line)), {kind_of(settings_.content)}));
}

void FileSession::refused(const Failure& failure) {
  gateway_->log(LogLevel::warning, input_name_ + ", line " + std::to_string(lines_) + ": " + failure.message);
}

void FileSession::go_on() {
  if (gateway_ == nullptr || input_ != Input::waiting) return;
  input_ = Input::reading;
  gateway_->arrived();
  take_lines();
  keep_rest();
  await_input();
}

/// What is here and was not taken goes.
void FileSession::close_input() {
  input_ = Input::ended;
  in_.close();
  parser_.clear();
  gateway_->room().forget(*this);
  gateway_->room().hold(*this);
}

void FileSession::end(std::string_view why) {
  close_input();
  if (why.empty()) {
    gateway_->log(LogLevel::info, input_name_ + " read to its end: " + counted(lines_, "line"));
  } else {
    gateway_->fail(input_name_ + " is read no further after line " + std::to_string(lines_) + ": " + std::string(why));
  }
  gateway_->touch(*this);
}

void FileSession::end_input() {
  if (gateway_ == nullptr || input_ == Input::ended) return;
  gateway_->log(LogLevel::warning,
                input_name_ + " is read no further after line " + std::to_string(lines_) + ": the gateway drains");
  close_input();
}

// Output.

Outgoing FileSession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr || settings_.output.empty()) return what;
  if (output_lost_) {
    FrameCounts lost;
    lost.add(what);
    gateway_->lost(*this, lost);
    return what;
  }
  const auto text = answer_text(answer, settings_.content, scratch_);
  const auto went = as_written(what, append_answer(Framing::line, text, out_.end()));
  out_.added(went);
  return went;
}

void FileSession::flush() {
  if (gateway_ == nullptr) return;
  while (unwritten() > 0) {
    const auto bytes = out_file_.write(out_.unwritten());
    if (!bytes) return lose_output(bytes.error().message);
    if (!bytes->has_value()) return await_room();
    gateway_->delivered(*this, out_.wrote(**bytes));
  }
  if (!finishing_) return;
  if (const auto emptied = out_file_.empty(); !emptied) gateway_->fail(output_name_ + ": " + emptied.error().message);
  close();
}

void FileSession::await_room() {
  if (writing_) return;
  writing_ = true;
  out_file_.async_wait([self = boost::intrusive_ptr(this)] {
    self->writing_ = false;
    if (self->gateway_ != nullptr) self->gateway_->touch(*self);
  });
}

void FileSession::lose_output(std::string_view why) {
  const auto unwritten = out_.unwritten();
  const auto lines = std::count(unwritten.begin(), unwritten.end(), '\n');
  gateway_->lost(*this, out_.left());
  gateway_->fail(output_name_ + ": " + std::string(why) + "; " + std::to_string(lines) +
                 " lines lost, and all that follow");
  output_lost_ = true;
  out_.clear();
  if (finishing_) close();
}

void FileSession::finish() {
  if (gateway_ == nullptr) return;
  finishing_ = true;
  gateway_->touch(*this);
}

void FileSession::close() {
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this);
}

void FileSession::abort() noexcept {
  gateway_ = nullptr;
  in_.close();
  out_file_.close();
}

}  // namespace skep
