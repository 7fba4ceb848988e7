#include "model/model_bee.hpp"

#include <algorithm>
#include <stdexcept>

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
    : plan_(std::move(plan)), engines_(std::move(engines)), files_(files) {}

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
    const auto inputs = zeros(count, *plan_);
    if (count > 1 && byte_count(inputs) > plan_->options.batch_bytes_max.bytes) continue;  // never runs as one batch
    try {
      const auto outputs = forward(inputs, count);
      if (!plan_->options.argmax.empty()) (void)argmax_of(outputs.front(), 0);
    } catch (const std::runtime_error& problem) {
      throw std::runtime_error("model '" + plan_->options.model.path + "' fails on a batch of " + std::to_string(size) +
                               " with the inputs as described: " + problem.what());
    }
  }
}

void ModelBee::on_batch(std::span<Record> records, Outbox& out) {
  Answers answers(records.size());
  auto examples = read(records, answers);
  for (auto begin = examples.begin(); begin != examples.end();) {
    const auto end = std::find_if(begin, examples.end(), [&](const Example& e) { return e.shapes != begin->shapes; });
    run_equal({begin, end}, answers);
    begin = end;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (const auto* payload = std::get_if<Payload>(&answers[i])) out.emit(records[i].with(*payload));
    if (const auto* problem = std::get_if<BadRecord>(&answers[i])) out.fail(records[i], *problem);
    if (const auto* refusal = std::get_if<Refusal>(&answers[i])) out.fail(records[i], refusal->message);
    if (auto* fault = std::get_if<BeeFault>(&answers[i])) out.fail(records[i], std::move(*fault));
  }
}

/// Good records, those of equal shapes next to each other.
std::vector<Example> ModelBee::read(std::span<Record> records, Answers& answers) const {
  std::vector<Example> examples;
  examples.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    try {
      examples.push_back(read_example(records[i], *plan_));
      examples.back().record = i;
    } catch (const BadRecord& problem) {
      answers[i] = problem;
    }
  }
  const auto by_shape = [](const Example& a, const Example& b) { return a.shapes < b.shapes; };
  if (!std::is_sorted(examples.begin(), examples.end(), by_shape)) {
    std::stable_sort(examples.begin(), examples.end(), by_shape);
  }
  return examples;
}

void ModelBee::run_equal(std::span<const Example> examples, Answers& answers) {
  const auto bytes = std::max<std::size_t>(examples.front().bytes(), 1);
  const auto at_once = std::max<std::size_t>(plan_->options.batch_bytes_max.bytes / bytes, 1);
  for (; !examples.empty(); examples = examples.subspan(std::min(at_once, examples.size()))) {
    run(examples.first(std::min(at_once, examples.size())), answers);
  }
}

void ModelBee::run(std::span<const Example> examples, Answers& answers) {
  try {
    forward(examples, answers);
  } catch (const std::runtime_error& problem) {
    if (examples.size() == 1) {
      answers[examples.front().record] = BeeFault{std::string("the model failed: ") + problem.what()};
      return;
    }
    for (std::size_t i = 0; i < examples.size(); ++i) run(examples.subspan(i, 1), answers);
  }
}

void ModelBee::forward(std::span<const Example> examples, Answers& answers) {
  const auto outputs = forward(stack(examples, *plan_), examples.size());
  for (std::size_t row = 0; row < examples.size(); ++row) {
    try {
      answers[examples[row].record] = answer_of(outputs, row, *plan_);
    } catch (const BadRecord& problem) {
      answers[examples[row].record] = no_answer(problem);
    }
  }
}

/// NaN out of finite inputs is the model's; where they need not be finite, it may be the client's.
ModelBee::Answer ModelBee::no_answer(const BadRecord& problem) const {
  if (plan_->options.finite) return BeeFault{std::string("the model's answer is of no use: ") + problem.what()};
  return Refusal{problem.what()};
}

std::vector<OwnedTensor> ModelBee::forward(std::span<const OwnedTensor> inputs, std::size_t count) {
  std::vector<TensorView> views;
  for (const auto& input : inputs) views.push_back(input.view());
  auto outputs = model_->forward(views);
  check_outputs(outputs, count, *plan_);
  return outputs;
}

void add_model_bee(BeeRegistry& registry, EngineSource engines, ModelFiles files) {
  registry.add(BeeRegistry::Entry{
      describe_model_bee(), [engines = std::move(engines), files](const OptionValue& table, SourcePosition where) {
        return configure(table, where, engines, files);
      }});
}

}  // namespace skep
