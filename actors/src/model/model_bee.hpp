#pragma once
// `skep.model`: records in, a model's outputs out, a batch at a time.
//
// A bad record costs its own client an error and nobody else anything. A forward that throws on a batch is run again
// record by record. What the model then fails on, or answers with NaN, is the record's fault where it still answers
// inputs of zeros: clients choose what they send, and none of them can end the bee of all. Where it does not, it is the
// bee's: a dead letter, and a failed bee if it goes on. But the object is not rebuilt for it, because that would load
// the model anew for every such record.
// Lifetime: as any bee; the engine outlives it. Threads: the bee's.

#include <memory>
#include <optional>
#include <span>
#include <string>
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
  /// Per record of a batch: what is sent on, what is wrong with it or its answer, or how the model failed.
  using Answer = std::variant<std::monostate, Record, BadRecord, Refusal, BeeFault>;
  struct Call {
    std::span<const Record> records;
    std::vector<Answer> answers;
  };
  /// Rows that go through the model together.
  struct Part {
    const ModelRows& rows;
    std::size_t first, count;
  };

  void load();
  void warm_up();
  void run(const Part& part, Call& call);
  void answer(const Part& part, Call& call);
  [[nodiscard]] Answer no_answer(const Record& record, std::string why);
  [[nodiscard]] bool answers_zeros(const Record& like);
  [[nodiscard]] std::vector<OwnedTensor> forward(const Part& part);

  std::shared_ptr<const ModelPlan> plan_;
  EngineSource engines_;
  ModelFiles files_;
  std::string digest_;
  std::unique_ptr<Model> model_;
  ModelBatch batch_;
  std::optional<bool> sound_;  ///< in this call: whether it answers zeros
};

}  // namespace skep
