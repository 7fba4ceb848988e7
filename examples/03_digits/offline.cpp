// The same model without Skep: what the swarm's answers are compared with.
//
//   digits_offline digits.pt held_out.jsonl BATCH_SIZE
//
// Prints the class probabilities of each image, one JSON array a line.

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t pixel_count = 64;

/// `{"pixels":[0,5,...]}`: all its numbers, divided by 16.
void add_pixels(const std::string& line, std::vector<float>& pixels) {
  for (std::size_t at = line.find('['); at < line.size() && line[at] != ']'; at = line.find_first_of(",]", at + 1)) {
    pixels.push_back(std::stof(line.substr(at + 1)) / 16);
  }
}

at::Tensor read_pixels(const std::string& path) {
  std::ifstream file(path);
  std::vector<float> pixels;
  for (std::string line; std::getline(file, line);) add_pixels(line, pixels);
  if (pixels.empty() || pixels.size() % pixel_count != 0) throw std::runtime_error(path + ": not 64 pixels a line");
  return at::tensor(pixels).view({-1, pixel_count});
}

void print_scores(const at::Tensor& scores) {
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    std::string line = "[";
    for (std::int64_t column = 0; column < scores.size(1); ++column) {
      char digits[32];
      const auto end = std::to_chars(digits, digits + sizeof digits, scores[row][column].item<float>()).ptr;
      line.append(column > 0 ? "," : "").append(digits, end);
    }
    std::puts((line + "]").c_str());
  }
}

void run(const std::string& model_path, const std::string& images_path, std::int64_t batch_size) {
  at::set_num_threads(1);
  const c10::InferenceMode no_gradients;
  auto model = torch::jit::load(model_path);
  model.eval();
  for (const auto& batch : read_pixels(images_path).split(batch_size)) print_scores(model.forward({batch}).toTensor());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: digits_offline DIGITS_PT HELD_OUT_JSONL BATCH_SIZE\n", stderr);
    return 2;
  }
  try {
    run(argv[1], argv[2], std::stoll(argv[3]));
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "digits_offline: %s\n", problem.what());
    return 1;
  }
}
