// The digits example's own bee: JSON pixels in, a tensor that the model takes out.

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "skep/actors/plugin.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/tensor.hpp"

namespace {

constexpr std::array<std::int64_t, 1> image_shape{64};

class Normalize final : public skep::Bee {
 public:
  struct Options {
    double scale = 16.0;
  };

  static void describe(skep::BeeClass<Normalize>& c) {
    c.summary("Scales the 64 pixels of {\"pixels\": [...]} to [0, 1].")
        .input(skep::ContentKind::json)
        .output("rejected", &Normalize::rejected_, "records without such pixels, as they came", {.side = true})
        .option("scale", &Options::scale, "the largest value of a pixel", {.min = 1, .max = 65535});
  }

  explicit Normalize(Options options) : scale_(static_cast<float>(options.scale)) {}

  void on_record(skep::Record record, skep::Outbox& out) override {
    std::array<float, 64> pixels{};
    if (const auto mistake = read(record, pixels); !mistake.empty()) {
      out.fail(record, "expected 64 pixels: " + mistake);  // the client hears why
      return out.emit(rejected_, std::move(record));       // and the record goes on to an audit
    }
    for (auto& pixel : pixels) pixel /= scale_;
    out.emit(record.with(skep::tensor_payload<float>(image_shape, pixels)));  // keeps root, deadline, origin
  }

 private:
  /// Returns what is wrong with the record, or nothing.
  std::string read(const skep::Record& record, std::array<float, 64>& pixels) const {
    const auto document = skep::JsonDocument::parse(record.text());
    if (!document) return document.error().message;
    const auto array = document->array("$.pixels", skep::DType::f32, image_shape);
    if (!array) return array.error().message;
    std::memcpy(pixels.data(), array->bytes.data(), sizeof pixels);
    const auto outside = [&](float pixel) { return pixel < 0 || pixel > scale_; };
    const auto found = std::find_if(pixels.begin(), pixels.end(), outside);
    if (found == pixels.end()) return {};
    return "pixel " + std::to_string(found - pixels.begin()) + " is not within 0 to " + std::to_string(int(scale_));
  }

  float scale_;
  skep::Port rejected_;
};

}  // namespace

SKEP_BEES(bees) {
  bees.add<Normalize>("digits.normalize");
}
