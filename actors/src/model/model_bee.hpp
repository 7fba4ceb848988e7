#pragma once
// `skep.model`: records in, a model's outputs out, a batch at a time.
//
// A bad record costs its own client an error and nobody else anything. A forward that throws on a batch is run again
// record by record. What the model then fails on is the bee's fault: a dead letter, and a failed bee if it goes on. But
// the object is not rebuilt for it, because that would load the model anew for every such record.
// Lifetime: as any bee; the engine outlives it. Threads: the bee's.

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "model/model_input.hpp"
#include "model/model_options.hpp"
#include "skep/actors/bee.hpp"
#include "skep/actors/model_engine.hpp"

namespace skep {

class ModelBee final : public Bee {
 public:
  ModelBee(std::shared_ptr<const ModelPlan> plan, EngineSource engines, ModelFiles files);

  /// Checks and loads the file, then runs every batch size of `warm_up`. Throws std::runtime_error.
  void on_start(BeeContext& context) override;
  void on_batch(std::span<Record> records, Outbox& out) override;

 private:
  struct Refusal {
    std::string message;
  };
  /// Per record of a batch: what it is sent on with, what is wrong with it or its answer, or how the model failed.
  using Answer = std::variant<std::monostate, Payload, BadRecord, Refusal, BeeFault>;
  using Answers = std::vector<Answer>;

  void load();
  void warm_up();
  [[nodiscard]] std::vector<Example> read(std::span<Record> records, Answers& answers) const;
  void run_equal(std::span<const Example> examples, Answers& answers);
  void run(std::span<const Example> examples, Answers& answers);
  void forward(std::span<const Example> examples, Answers& answers);
  [[nodiscard]] Answer no_answer(const BadRecord& problem) const;
  [[nodiscard]] std::vector<OwnedTensor> forward(std::span<const OwnedTensor> inputs, std::size_t count);

  std::shared_ptr<const ModelPlan> plan_;
  EngineSource engines_;
  ModelFiles files_;
  std::string digest_;
  std::unique_ptr<Model> model_;
};

}  // namespace skep
