#include "model/model_bee.hpp"

#include <stdexcept>
#include <utility>

#include "model/model_answer.hpp"
#include "model/model_file.hpp"
#include "skep/actors/bee_registry.hpp"

namespace skep {
namespace {

std::string milliseconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

ConfiguredBee configure(const OptionValue& table, SourcePosition where, const EngineSource& engines, ModelFiles files) {
  ConfiguredBee bee;
  auto plan = std::make_shared<ModelPlan>();
  bee.outputs = describe_model_bee().outputs;
  bee.problems = read_model_options(table, where, *plan);
  if (bee.problems.empty()) {
    bee.factory = [plan, engines, files] { return std::make_unique<ModelBee>(plan, engines, files); };
  }
  return bee;
}

}  // namespace

ModelBee::ModelBee(std::shared_ptr<const ModelPlan> plan, EngineSource engines, ModelFiles files)
    : plan_(std::move(plan)), engines_(std::move(engines)), files_(files), batch_(*plan_) {}

void ModelBee::on_start(BeeContext& context) {
  const auto begin = context.now();
  load();
  warm_up();
  context.log(LogLevel::info, "model '" + plan_->options.model.path + "' (sha256 " + digest_ +
                                  ") is loaded and warm after " + milliseconds(context.now() - begin));
}

void ModelBee::load() {
  const auto& options = plan_->options;
  auto file = files_ == ModelFiles::read
                  ? read_model_file({options.model.path, options.sha256, options.model_bytes_max.bytes})
                  : Result<ModelFile>(ModelFile{{}, "of no file"});
  if (!file) throw std::runtime_error(file.error().message);
  auto engine = engines_(options.engine);
  if (!engine) throw std::runtime_error(engine.error().message);
  auto model = (*engine)->load(file->bytes, {options.model.path, options.device, options.threads});
  if (!model) throw std::runtime_error(model.error().message);
  model_ = std::move(*model);
  digest_ = file->sha256;
}

void ModelBee::warm_up() {
  for (const auto size : plan_->options.warm_up) {
    const auto count = static_cast<std::size_t>(size);
    const auto rows = zeros(count, *plan_);
    if (rows.records().size() < count) continue;  // never runs as one batch
    try {
      const auto outputs = forward({rows, 0, count});
      if (!plan_->options.argmax.empty()) (void)argmax_of(outputs.front(), 0);
    } catch (const std::runtime_error& problem) {
      throw std::runtime_error("model '" + plan_->options.model.path + "' fails on a batch of " + std::to_string(size) +
                               " with the inputs as described: " + problem.what());
    }
  }
}

void ModelBee::on_batch(std::span<Record> records, Outbox& out) {
  Call call{records, std::vector<Answer>(records.size())};
  const auto run_all = [&](ModelRows& rows) {
    run({rows, 0, rows.records().size()}, call);
    rows.clear();
  };
  sound_.reset();
  batch_.reset(records.size());  // a call that threw may have left records
  for (std::size_t i = 0; i < records.size(); ++i) {
    try {
      if (auto& rows = batch_.add(records[i], i); rows.full()) run_all(rows);
    } catch (const BadRecord& problem) {
      call.answers[i] = problem;
    }
  }
  batch_.each(run_all);
  batch_.reset(0);
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto& answer = call.answers[i];
    if (auto* record = std::get_if<Record>(&answer)) out.emit(std::move(*record));
    if (const auto* problem = std::get_if<BadRecord>(&answer)) out.fail(records[i], *problem);
    if (const auto* refusal = std::get_if<Refusal>(&answer)) out.fail(records[i], refusal->message);
    if (auto* fault = std::get_if<BeeFault>(&answer)) out.fail(records[i], std::move(*fault));
  }
}

/// All at once; one by one if the model fails on that.
void ModelBee::run(const Part& part, Call& call) {
  try {
    return answer(part, call);
  } catch (const std::runtime_error& problem) {
    if (part.count == 1) {
      const auto index = part.rows.records()[part.first];
      call.answers[index] = no_answer(call.records[index], std::string("the model failed: ") + problem.what());
      return;
    }
  }
  for (std::size_t i = 0; i < part.count; ++i) run({part.rows, part.first + i, 1}, call);
}

void ModelBee::answer(const Part& part, Call& call) {
  const auto outputs = forward(part);
  for (std::size_t row = 0; row < part.count; ++row) {
    const auto index = part.rows.records()[part.first + row];
    try {
      call.answers[index] = answer_to(call.records[index], {outputs, row}, *plan_);
    } catch (const BadRecord& problem) {
      call.answers[index] =
          no_answer(call.records[index], std::string("the model's answer is of no use: ") + problem.what());
    }
  }
}

/// The record's fault, or the model's. That is asked once a call, so bad records cost one more forward at the most.
ModelBee::Answer ModelBee::no_answer(const Record& record, std::string why) {
  if (!sound_) sound_ = answers_zeros(record);
  if (*sound_) return Refusal{std::move(why)};
  return BeeFault{std::move(why)};
}

/// As it would a record with those inputs; `like` is where the answer has its header from.
bool ModelBee::answers_zeros(const Record& like) {
  try {
    const auto rows = zeros(1, *plan_);
    const auto outputs = forward({rows, 0, 1});
    (void)answer_to(like, {outputs, 0}, *plan_);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::vector<OwnedTensor> ModelBee::forward(const Part& part) {
  auto outputs = model_->forward(part.rows.views(part.first, part.count));
  check_outputs(outputs, part.count, *plan_);
  return outputs;
}

void add_model_bee(BeeRegistry& registry, EngineSource engines, ModelFiles files) {
  registry.add(BeeRegistry::Entry{
      describe_model_bee(), [engines = std::move(engines), files](const OptionValue& table, SourcePosition where) {
        return configure(table, where, engines, files);
      }});
}

}  // namespace skep
