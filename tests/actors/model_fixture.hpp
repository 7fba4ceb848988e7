#pragma once
// A fake engine, a model file and options for tests of `skep.model`.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "actors/option_values.hpp"
#include "skep/actors/bee_registry.hpp"
#include "skep/actors/model_engine.hpp"
#include "skep/testing/bee_harness.hpp"
#include "skep/testing/fake_engine.hpp"

namespace skep::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "skep-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    const auto path = path_ + "/" + name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

 private:
  std::string path_;
};

/// Adds up the numbers of each row: `f32 [n, ...]` in, `f32 [n, 1]` out.
inline std::vector<OwnedTensor> sums(std::span<const TensorView> inputs) {
  const auto count = inputs.front().shape().front();
  std::vector<float> sums(static_cast<std::size_t>(count));
  for (const auto& input : inputs) {
    const auto values = input.values<float>();
    for (std::size_t row = 0; row < sums.size(); ++row) {
      const auto of_row = values.subspan(row * values.size() / sums.size(), values.size() / sums.size());
      sums[row] += std::accumulate(of_row.begin(), of_row.end(), 0.0f);
    }
  }
  return {FakeEngine::tensor({count, 1}, sums)};
}

/// One input `pixels` of three numbers, one output `sum`, no warm-up.
struct ModelFixture {
  TemporaryFolder folder;
  FakeEngine engine{sums};
  OptionValue options = table({{"model", option(folder.write("sum.model", "weights"))},
                               {"inputs", list(table({{"name", option("pixels")}, {"shape", list(3)}}))},
                               {"outputs", list("sum")},
                               {"warm_up", list()}});

  [[nodiscard]] BeeRegistry registry() {
    BeeRegistry bees;
    add_model_bee(bees, [this](const std::string& name) -> Result<Engine*> {
      if (name == "torch") return static_cast<Engine*>(&engine);
      return Error{errc::not_found, "no engine '" + name + "'"};
    });
    return bees;
  }
  [[nodiscard]] BeeHarnessBase start() { return start(options); }
  [[nodiscard]] BeeHarnessBase start(const OptionValue& with_options) {
    return BeeHarnessBase(registry(), "skep.model", with_options);
  }
  [[nodiscard]] std::vector<OptionProblem> problems(const OptionValue& of) {
    return registry().find("skep.model")->configure(of, {9, 1}).problems;
  }
};

}  // namespace skep::testing
