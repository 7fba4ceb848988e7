// The LibTorch plug-in, loaded as the runtime loads it, on the trained digits model.

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "skep/runtime/plugin_loader.hpp"

namespace skep {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TorchEngineTest : public ::testing::Test {
 protected:
  Engine& engine() {
    auto found = loader_.load_engine("torch");
    if (!found) throw std::runtime_error(found.error().message);
    return **found;
  }
  std::unique_ptr<Model> model() {
    auto loaded = engine().load(digits(), {DIGITS_MODEL});
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(*loaded);
  }
  static std::vector<std::byte> digits() {
    std::ifstream file(DIGITS_MODEL, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }

  PluginLoader loader_{{SKEP_PLUGIN_DIRECTORY}};
};

std::string error_of(Model& model, const TensorView& input) {
  try {
    (void)model.forward({&input, 1});
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
  return "no error";
}

std::vector<float> scores(Model& model, std::span<const std::byte> pixels, std::int64_t count) {
  const std::array<std::int64_t, 2> shape{count, 64};
  const TensorView input(DType::f32, shape, pixels);
  const auto outputs = model.forward({&input, 1});
  const auto values = outputs.at(0).view().values<float>();
  return {values.begin(), values.end()};
}

TEST_F(TorchEngineTest, RunsABatchAndGivesOneRowForEachRecord) {
  const std::vector<float> pixels(3 * 64, 0.5f);
  const std::array<std::int64_t, 2> shape{3, 64};
  const TensorView input(DType::f32, shape, std::as_bytes(std::span(pixels)));
  const auto outputs = model()->forward({&input, 1});
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_THAT(outputs[0].shape, ElementsAre(3, 10));
  EXPECT_EQ(outputs[0].dtype, DType::f32);
}

TEST_F(TorchEngineTest, ReadsMisalignedBytesTheSame) {
  const std::vector<float> pixels(64, 0.25f);
  std::vector<std::byte> shifted(64 * sizeof(float) + 1);
  std::memcpy(shifted.data() + 1, pixels.data(), 64 * sizeof(float));
  const auto digits_model = model();
  EXPECT_EQ(scores(*digits_model, std::as_bytes(std::span(pixels)), 1),
            scores(*digits_model, std::span(shifted).subspan(1), 1));
}

TEST_F(TorchEngineTest, GivesTheSameBitsEveryTimeAndFromEveryThread) {
  const std::vector<float> pixels(64, 0.25f);
  const auto digits_model = model();
  const auto first = scores(*digits_model, std::as_bytes(std::span(pixels)), 1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(scores(*digits_model, std::as_bytes(std::span(pixels)), 1), first);
  std::vector<float> elsewhere;
  std::thread([&] { elsewhere = scores(*digits_model, std::as_bytes(std::span(pixels)), 1); }).join();
  EXPECT_EQ(elsewhere, first);
}

TEST_F(TorchEngineTest, SaysInOneLineWhyAForwardFailed) {
  const std::vector<float> pixels(65);
  const std::array<std::int64_t, 2> shape{1, 65};
  const auto error = error_of(*model(), TensorView(DType::f32, shape, std::as_bytes(std::span(pixels))));
  EXPECT_THAT(error, AllOf(HasSubstr("shape"), HasSubstr("65"), Not(HasSubstr("\n"))));
}

TEST_F(TorchEngineTest, RefusesATypeThatLibTorchLacks) {
  const std::vector<std::uint32_t> values(64);
  const std::array<std::int64_t, 2> shape{1, 64};
  EXPECT_THAT(error_of(*model(), TensorView(DType::u32, shape, std::as_bytes(std::span(values)))),
              HasSubstr("no u32 tensors"));
}

TEST_F(TorchEngineTest, RefusesBytesThatAreNoModel) {
  const std::string text = "not a model";
  const auto loaded = engine().load(std::as_bytes(std::span(text)), {"some.pt"});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, errc::invalid_argument);
  EXPECT_THAT(loaded.error().message,
              AllOf(HasSubstr("some.pt"), HasSubstr("not a TorchScript model"), Not(HasSubstr("\n"))));
}

TEST_F(TorchEngineTest, RefusesModelsCutAnywhere) {
  const auto whole = digits();
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 40) {
    EXPECT_FALSE(engine().load(std::span(whole).first(size), {"cut.pt"}).ok()) << size;
  }
}

TEST_F(TorchEngineTest, SurvivesArchivesWhoseOffsetsPointAnywhere) {
  const auto whole = digits();
  constexpr std::size_t end_records = 22 + 20 + 56;  // of a zip archive: end, zip64 locator, zip64 end
  for (std::size_t at = whole.size() - end_records; at < whole.size(); ++at) {
    auto file = whole;
    file[at] ^= std::byte{0xff};
    const auto loaded = engine().load(file, {"damaged.pt"});
    EXPECT_TRUE(loaded.ok() || loaded.error().message.find("damaged.pt") != std::string::npos) << at;
  }
}

TEST_F(TorchEngineTest, RefusesAnotherDeviceThanTheCpu) {
  const auto loaded = engine().load(digits(), {DIGITS_MODEL, "cuda"});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("'cuda'"), HasSubstr("'cpu'")));
}

}  // namespace
}  // namespace skep
