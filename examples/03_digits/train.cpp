// Trains the digits model: a small convolutional network, in seconds, the same one every time.
//
//   digits_train digits.csv OUT_DIRECTORY
//
// The images are shuffled with a fixed seed; the first 1,437 train, the last 360 are held out. Writes digits.pt
// (TorchScript: pixels in [0, 1] as f32 [n, 64] in, class probabilities f32 [n, 10] out), held_out.jsonl (one
// `{"pixels": [...]}` a line, 0 to 16) and held_out_labels.txt.

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t pixel_count = 64;
constexpr std::size_t held_out_count = 360;
constexpr std::int64_t batch_size = 32;
constexpr int epochs = 15;
constexpr double smoothing = 0.1;  // of the labels (Szegedy et al. 2016): a point of accuracy here
constexpr double accuracy_min = 0.98;

// One source for both: training calls the very function that is saved.
constexpr const char* model_source = R"(
def logits(self, pixels):
    x = pixels.reshape(pixels.size(0), 1, 8, 8)
    x = torch.relu(torch.conv2d(x, self.conv1_weight, self.conv1_bias, [1, 1], [1, 1]))
    x = torch.relu(torch.conv2d(x, self.conv2_weight, self.conv2_bias, [1, 1], [1, 1]))
    x = torch.max_pool2d(x, [2, 2]).flatten(1)
    x = torch.relu(torch.linear(x, self.hidden_weight, self.hidden_bias))
    return torch.linear(x, self.class_weight, self.class_bias)

def forward(self, pixels):
    return torch.softmax(self.logits(pixels), 1)
)";

struct Image {
  std::vector<float> pixels;  ///< 0 to 16
  std::int64_t label = 0;
};

/// Lines of 64 pixels and the class, comma-separated.
std::vector<Image> read_images(const std::string& path) {
  std::ifstream file(path);
  std::vector<Image> images;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    Image image;
    for (std::string field; std::getline(fields, field, ',');) image.pixels.push_back(std::stof(field));
    if (image.pixels.size() != pixel_count + 1) throw std::runtime_error(path + ": a line without 65 numbers");
    image.label = static_cast<std::int64_t>(image.pixels.back());
    image.pixels.pop_back();
    images.push_back(std::move(image));
  }
  if (images.size() <= held_out_count) throw std::runtime_error(path + ": too few images");
  return images;
}

/// Fisher-Yates: std::shuffle differs between standard libraries.
template <class T>
void shuffle(std::vector<T>& values, std::mt19937& random) {
  for (std::size_t i = values.size() - 1; i > 0; --i) std::swap(values[i], values[random() % (i + 1)]);
}

at::Tensor pixels_of(const std::vector<Image>& images) {
  auto tensor = at::empty({static_cast<std::int64_t>(images.size()), pixel_count});
  auto* to = tensor.data_ptr<float>();
  for (const auto& image : images) to = std::copy(image.pixels.begin(), image.pixels.end(), to);
  return tensor.div_(16);
}

at::Tensor labels_of(const std::vector<Image>& images) {
  auto tensor = at::empty({static_cast<std::int64_t>(images.size())}, at::kLong);
  std::transform(images.begin(), images.end(), tensor.data_ptr<std::int64_t>(), [](const Image& i) { return i.label; });
  return tensor;
}

/// He et al. 2015: keeps the variance of activations through layers of ReLU.
at::Tensor he_weights(at::IntArrayRef shape) {
  std::int64_t inputs = 1;
  for (const auto size : shape.slice(1)) inputs *= size;
  return at::randn(shape) * std::sqrt(2.0 / static_cast<double>(inputs));
}

torch::jit::Module make_model() {
  torch::jit::Module model("Digits");
  const auto add = [&](const std::string& name, at::IntArrayRef shape) {
    model.register_parameter(name + "_weight", he_weights(shape).set_requires_grad(true), false);
    model.register_parameter(name + "_bias", at::zeros({shape[0]}).set_requires_grad(true), false);
  };
  add("conv1", {16, 1, 3, 3});
  add("conv2", {32, 16, 3, 3});
  add("hidden", {64, 512});
  add("class", {10, 64});
  model.define(model_source);
  return model;
}

/// Adam (Kingma and Ba 2015) with its usual constants, and a learning rate that falls to zero.
class Adam {
 public:
  explicit Adam(std::vector<at::Tensor> parameters) : parameters_(std::move(parameters)) {
    for (const auto& parameter : parameters_) {
      means_.push_back(at::zeros_like(parameter));
      squares_.push_back(at::zeros_like(parameter));
    }
  }

  void step(double rate) {
    const at::NoGradGuard no_gradients;
    ++steps_;
    const auto correction = std::sqrt(1 - std::pow(0.999, steps_)) / (1 - std::pow(0.9, steps_));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      auto gradient = parameters_[i].grad();
      means_[i].mul_(0.9).add_(gradient, 0.1);
      squares_[i].mul_(0.999).addcmul_(gradient, gradient, 0.001);
      parameters_[i].addcdiv_(means_[i], squares_[i].sqrt().add_(1e-8), -rate * correction);
      gradient.zero_();
    }
  }

 private:
  std::vector<at::Tensor> parameters_, means_, squares_;
  int steps_ = 0;
};

std::vector<at::Tensor> parameters_of(const torch::jit::Module& model) {
  std::vector<at::Tensor> parameters;
  for (const auto& parameter : model.parameters()) parameters.push_back(parameter);
  return parameters;
}

/// Cross entropy with smoothed labels.
at::Tensor loss_of(const at::Tensor& logits, const at::Tensor& labels) {
  const auto logarithms = at::log_softmax(logits, 1);
  return (1 - smoothing) * at::nll_loss(logarithms, labels) - smoothing * logarithms.mean();
}

void train(torch::jit::Module& model, const at::Tensor& pixels, const at::Tensor& labels, std::mt19937& random) {
  Adam adam(parameters_of(model));
  const auto logits = model.get_method("logits");
  std::vector<std::int64_t> order(static_cast<std::size_t>(labels.size(0)));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    shuffle(order, random);
    const auto rate = 2e-3 * (1 - static_cast<double>(epoch) / epochs);
    for (const auto& batch : at::tensor(order).split(batch_size)) {
      const auto scores = logits({pixels.index_select(0, batch)}).toTensor();
      loss_of(scores, labels.index_select(0, batch)).backward();
      adam.step(rate);
    }
  }
}

double accuracy(torch::jit::Module& model, const at::Tensor& pixels, const at::Tensor& labels) {
  const at::NoGradGuard no_gradients;
  const auto classes = model.forward({pixels}).toTensor().argmax(1);
  return classes.eq(labels).to(at::kDouble).mean().item<double>();
}

void save(torch::jit::Module& model, const std::string& path) {
  for (auto parameter : model.parameters()) parameter.set_requires_grad(false);
  model.eval();
  model.save(path);
}

void write_images(const std::vector<Image>& images, const std::string& directory) {
  std::ofstream lines(directory + "/held_out.jsonl");
  std::ofstream labels(directory + "/held_out_labels.txt");
  for (const auto& image : images) {
    lines << "{\"pixels\":[";
    for (std::size_t i = 0; i < image.pixels.size(); ++i) lines << (i > 0 ? "," : "") << image.pixels[i];
    lines << "]}\n";
    labels << image.label << '\n';
  }
  if (!lines.flush() || !labels.flush()) throw std::runtime_error("cannot write to " + directory);
}

void run(const std::string& csv, const std::string& directory) {
  at::set_num_threads(1);  // sums in one order: the same bits every time
  at::manual_seed(1);
  std::mt19937 random(1);
  auto images = read_images(csv);
  shuffle(images, random);
  const std::vector<Image> held_out(images.end() - held_out_count, images.end());
  images.resize(images.size() - held_out_count);

  auto model = make_model();
  train(model, pixels_of(images), labels_of(images), random);
  const auto reached = accuracy(model, pixels_of(held_out), labels_of(held_out));
  std::printf("digits: trained on %zu images, %.1f %% of %zu held-out ones right\n", images.size(), 100 * reached,
              held_out.size());
  if (reached < accuracy_min) throw std::runtime_error("the model is not good enough to be used");
  save(model, directory + "/digits.pt");
  write_images(held_out, directory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: digits_train DIGITS_CSV OUT_DIRECTORY\n", stderr);
    return 2;
  }
  try {
    run(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "digits_train: %s\n", problem.what());
    return 1;
  }
}
