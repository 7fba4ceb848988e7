// Makes the model of the "model" rows, a perceptron 784-128-10 as one trains on MNIST, and what is asked of it.
//
// Weights and images are random, of a fixed seed: how fast it is does not depend on what it has learnt. Four of five
// pixels are 0, as in MNIST. Writes mlp.pt (TorchScript: f32 [n, 784] in, class probabilities f32 [n, 10] out),
// requests.jsonl, an image a line, requests.tensors, the same images as tensors of f32, one behind the other, and
// endings.txt, with what the answer to each ends.
//
// Usage: make_mlp --folder DIR [--images N]
// Prints {"tensor_bytes": ...}, of each.

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <span>
#include <string>

#include "skep/serialization/tensor.hpp"
#include "support/arguments.hpp"

namespace {

constexpr std::int64_t pixel_count = 784, hidden_count = 128, class_count = 10;

constexpr const char* source = R"(
def forward(self, pixels):
    hidden = torch.relu(torch.linear(pixels, self.hidden_weight, self.hidden_bias))
    return torch.softmax(torch.linear(hidden, self.class_weight, self.class_bias), 1)
)";

/// He et al. 2015: keeps the variance of activations, so that no class wins always.
at::Tensor weights(std::int64_t outputs, std::int64_t inputs) {
  return at::randn({outputs, inputs}) * std::sqrt(2.0 / static_cast<double>(inputs));
}

torch::jit::Module make_model() {
  torch::jit::Module model("Mlp");
  model.register_parameter("hidden_weight", weights(hidden_count, pixel_count), false);
  model.register_parameter("hidden_bias", at::zeros({hidden_count}), false);
  model.register_parameter("class_weight", weights(class_count, hidden_count), false);
  model.register_parameter("class_bias", at::zeros({class_count}), false);
  model.define(source);
  model.eval();
  return model;
}

/// Whole numbers from 0 to 255, as bytes of an image are.
at::Tensor make_images(std::int64_t count) {
  const auto bright = at::rand({count, pixel_count}) < 0.2;
  return at::randint(1, 256, {count, pixel_count}).to(at::kFloat) * bright;
}

std::string request(const at::Tensor& image) {
  const auto* pixels = image.data_ptr<float>();
  std::string text = "{\"pixels\":[";
  for (std::int64_t i = 0; i < pixel_count; ++i) {
    text.append(i > 0 ? "," : "").append(std::to_string(static_cast<int>(pixels[i])));
  }
  return text + "]}";
}

/// As a client makes it that has the schema.
skep::Payload tensor(const at::Tensor& image) {
  constexpr std::array shape{pixel_count};
  return skep::tensor_payload<float>(shape, {image.data_ptr<float>(), std::size_t{pixel_count}});
}

void run(bench::Arguments& arguments) {
  at::set_num_threads(1);
  at::manual_seed(1);
  const at::NoGradGuard no_gradients;
  const auto folder = arguments.text("--folder", ".");
  auto model = make_model();
  model.save(folder + "/mlp.pt");
  const auto images = make_images(static_cast<std::int64_t>(arguments.number("--images", 1024)));
  const auto classes = model.forward({images}).toTensor().argmax(1);
  std::ofstream requests(folder + "/requests.jsonl"), endings(folder + "/endings.txt");
  std::ofstream tensors(folder + "/requests.tensors", std::ios::binary);
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    requests << request(images[i]) << '\n';
    const auto payload = tensor(images[i]);
    tensors.write(reinterpret_cast<const char*>(payload.bytes.data()),
                  static_cast<std::streamsize>(payload.bytes.size()));
    endings << "\"class\":" << classes[i].item<std::int64_t>() << "}\n";
  }
  if (!requests.flush() || !tensors.flush() || !endings.flush()) bench::Arguments::fail("cannot write to " + folder);
  std::cout << "{\"tensor_bytes\": " << tensor(images[0]).bytes.size() << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv);
  run(arguments);
}
