// `skep.model` fed from inside the process: records a second in batches, or the round trip of one record at a time.
//
// Throughput: the source makes each record afresh, a tensor of 784 floats, 256 at a time, as far as the bee gives
// credit; it answers with a tensor, and the bee behind it counts. How many records a forward had is counted at the
// engine. Compare with baselines/offline_mlp.
//
// Usage: model_in_process --model FILE --engine torch_engine.so [--work throughput|one] [--records N] [--batch N]
//                         [--threads N]
// `--batch 0`: what came together. Prints {"records_per_s": ..., "batch": ...}, or {"p50_us": ...} of one.

#include <dlfcn.h>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "end_to_end/pipeline.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/serialization/tensor.hpp"
#include "support/arguments.hpp"
#include "support/caf_config.hpp"
#include "support/samples.hpp"

namespace {

constexpr std::int64_t pixel_count = 784;
constexpr std::size_t class_count = 10, image_count = 256;
constexpr std::uint64_t per_message = 256;

/// Of all models.
struct Forwards {
  std::atomic<std::uint64_t> count{0}, records{0};
};

class CountedModel final : public skep::Model {
 public:
  CountedModel(std::unique_ptr<skep::Model> model, Forwards& forwards)
      : model_(std::move(model)), forwards_(forwards) {}

  std::vector<skep::OwnedTensor> forward(std::span<const skep::TensorView> inputs) override {
    forwards_.count.fetch_add(1, std::memory_order_relaxed);
    forwards_.records.fetch_add(static_cast<std::uint64_t>(inputs[0].shape()[0]), std::memory_order_relaxed);
    return model_->forward(inputs);
  }

 private:
  std::unique_ptr<skep::Model> model_;
  Forwards& forwards_;
};

/// The plug-in's engine; its models count their forwards.
class CountedEngine final : public skep::Engine {
 public:
  explicit CountedEngine(const std::string& plugin) {
    auto* library = ::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
    const auto make = library == nullptr
                          ? nullptr
                          : reinterpret_cast<skep::PluginEngine>(::dlsym(library, skep::plugin_engine_symbol));
    if (make == nullptr) bench::Arguments::fail(::dlerror());
    engine_ = make();
  }

  skep::Result<std::unique_ptr<skep::Model>> load(std::span<const std::byte> file,
                                                  const skep::LoadOptions& options) override {
    auto model = engine_->load(file, options);
    if (!model) return model.error();
    return std::unique_ptr<skep::Model>(std::make_unique<CountedModel>(std::move(*model), forwards));
  }

  Forwards forwards;

 private:
  skep::Engine* engine_;
};

skep::BeeFactory model_factory(skep::Engine& engine, const std::string& file) {
  using skep::OptionValue;
  const auto text = [](std::string value) { return OptionValue{std::move(value), {}}; };
  const OptionValue shape{std::vector<OptionValue>{{pixel_count, {}}}, {}};
  const OptionValue input{OptionValue::Table{{"name", {}, text("pixels")}, {"shape", {}, shape}}, {}};
  const OptionValue options{OptionValue::Table{{"model", {}, text(file)},
                                               {"inputs", {}, OptionValue{std::vector<OptionValue>{input}, {}}},
                                               {"answer", {}, text("tensor")}},
                            {}};
  skep::BeeRegistry bees;
  skep::add_model_bee(bees, [&engine](const std::string&) -> skep::Result<skep::Engine*> { return &engine; });
  auto configured = bees.find("skep.model")->configure(options, {});
  for (const auto& problem : configured.problems) bench::Arguments::fail(problem.message);
  return configured.factory;
}

const std::vector<std::vector<float>>& images() {
  static const auto all = [] {
    std::mt19937 random(1);
    std::vector<std::vector<float>> made(image_count, std::vector<float>(pixel_count));
    for (auto& image : made) {
      for (auto& pixel : image) pixel = static_cast<float>(random() % 256);
    }
    return made;
  }();
  return all;
}

skep::Record make_record(std::uint64_t number) {
  constexpr std::array shape{pixel_count};
  skep::RecordHeader header;
  header.root = header.id = {number + 1, 1};
  header.origin = {1, 1, 1, 1, number + 1};
  return {header, skep::tensor_payload<float>(shape, images()[number % image_count])};
}

void check(const skep::Record& answer) {
  const auto scores = answer.tensor();
  if (scores.shape().size() != 1 || scores.shape()[0] != class_count || !(scores.values<float>()[0] >= 0)) std::abort();
}

/// The end of the row.
class Count final : public skep::Bee {
 public:
  Count(std::uint64_t expected, std::promise<void>& done) : expected_(expected), done_(done) {}

  void on_record(skep::Record record, skep::Outbox&) override {
    check(record);
    if (++seen_ == expected_) done_.set_value();
  }

 private:
  std::uint64_t expected_;
  std::promise<void>& done_;
  std::uint64_t seen_ = 0;
};

/// Starts the model's bee, which sends to `next`, or answers `gateway`.
caf::actor start_model(caf::actor_system& system, skep::BeeFactory factory, std::uint32_t batch, const caf::actor& next,
                       const caf::actor& gateway) {
  skep::BeeSettings settings;
  settings.name = "model";
  settings.factory = std::move(factory);
  settings.takes_batches = true;
  settings.batch.size_max = batch;
  settings.meter = skep::make_meter<skep::BeeMeter>(next ? 1 : 0);
  skep::RoutingTable table;
  table.generation = 1;
  if (next) table.edges.push_back({"model -> next", 0, {}, {next}});
  if (gateway) {
    table.answer_ports = {0};
    table.gateways.push_back({1, 1, gateway});
    table.answers_reachable = true;
  }
  const auto actor = skep::spawn_bee(system, std::move(settings));
  bench::start(system, actor, std::move(table));
  return actor;
}

void measure_throughput(caf::actor_system& system, CountedEngine& engine, const std::string& file,
                        std::uint64_t records, std::uint32_t batch) {
  const auto play = [&](std::uint64_t count) {
    std::promise<void> done;
    std::vector<skep::BeeFactory> last;
    last.emplace_back([&] { return std::make_unique<Count>(count, done); });
    const auto counter = bench::start_pipeline(system, std::move(last), {});
    const auto model = start_model(system, model_factory(engine, file), batch, counter, {});
    engine.forwards.count = engine.forwards.records = 0;  // those of its warm-up
    const auto start = bench::Clock::now();
    const auto source = system.spawn<bench::Source<decltype(&make_record)>>(count, per_message, &make_record, model);
    done.get_future().wait();
    const auto seconds = bench::seconds_since(start);
    caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
    return static_cast<double>(count) / seconds;
  };
  const auto whole = [](std::uint64_t count) { return (count / per_message + 1) * per_message; };
  (void)play(whole(records / 5));
  const auto per_second = play(whole(records));
  std::cout << "{\"records_per_s\": " << per_second << ", \"batch\": "
            << static_cast<double>(engine.forwards.records) / static_cast<double>(engine.forwards.count) << "}"
            << std::endl;
}

struct ClientState {
  caf::actor model;
  std::uint64_t sent = 0;
  bench::Clock::time_point at;
};

/// Takes the model's bee, to begin; then a record after the other, until there are as many samples as it has room for.
caf::behavior client(caf::stateful_actor<ClientState>* self, std::uint64_t warm_up, std::uint64_t rounds,
                     bench::Samples* round_trips, std::promise<void>* done) {
  const auto send = [self] {
    skep::RecordBatch batch;
    batch.packet.records.push_back(make_record(self->state.sent++));
    self->state.at = bench::Clock::now();
    self->send(self->state.model, std::move(batch));
  };
  return {
      [self, send](const caf::actor& model) {
        self->state.model = model;
        send();
      },
      [self, send, warm_up, rounds, round_trips, done](const skep::ReplyBatch& message) {
        const auto took = bench::Clock::now() - self->state.at;
        const auto& answers = message.batch.packet.records;
        if (answers.size() != 1 || answers[0].origin().request != self->state.sent) std::abort();
        check(answers[0]);
        if (self->state.sent > warm_up) round_trips->add(took);
        if (round_trips->size() == rounds) return done->set_value();
        send();
      },
  };
}

void measure_one(caf::actor_system& system, CountedEngine& engine, const std::string& file, std::uint64_t rounds) {
  bench::Samples round_trips;
  round_trips.reserve(rounds);
  std::promise<void> done;
  const auto actor = system.spawn(client, rounds / 5, rounds, &round_trips, &done);
  caf::anon_send(actor, start_model(system, model_factory(engine, file), 0, {}, actor));
  done.get_future().wait();
  std::cout << "{\"p50_us\": " << round_trips.percentile(0.5) << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  caf::actor_system_config config;
  bench::configure(config, arguments.number("--threads", 2));
  caf::actor_system system{config};
  CountedEngine engine(arguments.text("--engine", "torch_engine.so"));
  const auto file = arguments.text("--model", "mlp.pt");
  const auto work = arguments.text("--work", "throughput");
  if (work == "one") {
    measure_one(system, engine, file, arguments.number("--records", 20'000));
  } else if (work == "throughput") {
    measure_throughput(system, engine, file, arguments.number("--records", 200'000),
                       static_cast<std::uint32_t>(arguments.number("--batch", 32)));
  } else {
    bench::Arguments::fail("unknown work " + work);
  }
  std::_Exit(0);  // the bees, which nobody stops, need not be awaited
}
