// Runs a model in a loop with LibTorch alone, batch after batch of images that are there already: what `skep.model` is
// held against.
//
// Usage: offline_mlp --model FILE [--batch N] [--threads N]
//                    [--milliseconds N] [--warm-up-milliseconds N]
// Prints {"records_per_s": ..., "p50_us": ...}, the latter of one batch.

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/script.h>

#include <cstdlib>
#include <iostream>

#include "support/arguments.hpp"
#include "support/samples.hpp"

namespace {

constexpr std::int64_t pixel_count = 784, images_min = 1024;

/// Of LibTorch's own loops and of OpenBLAS, which takes all cores if nobody says otherwise.
void set_threads(int threads) {
  at::set_num_threads(threads);
  using SetThreads = void (*)(int);
  if (const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(threads);
}

void run(bench::Arguments& arguments) {
  set_threads(static_cast<int>(arguments.number("--threads", 1)));
  at::manual_seed(1);
  const c10::InferenceMode no_gradients;
  auto model = torch::jit::load(arguments.text("--model", "mlp.pt"));
  model.eval();
  const auto batch = static_cast<std::int64_t>(arguments.number("--batch", 32));
  const auto batches = at::rand({(images_min + batch - 1) / batch * batch, pixel_count}).split(batch);
  const std::chrono::milliseconds warm_up(arguments.number("--warm-up-milliseconds", 200));
  const auto begin = bench::Clock::now() + warm_up;
  const auto end = begin + std::chrono::milliseconds(arguments.number("--milliseconds", 1000));
  bench::Samples times;
  auto last = bench::Clock::now();
  for (std::size_t i = 0; last < end; i = (i + 1) % batches.size()) {
    const auto scores = model.forward({batches[i]}).toTensor();
    if (scores.size(0) != batch || !(scores.data_ptr<float>()[0] >= 0)) std::abort();
    const auto now = bench::Clock::now();
    if (last >= begin) times.add(now - last);
    last = now;
  }
  const auto records = static_cast<double>(batch) * static_cast<double>(times.size());
  std::cout << "{\"records_per_s\": " << records / bench::seconds_since(begin)
            << ", \"p50_us\": " << times.percentile(0.5) << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  run(arguments);
}
