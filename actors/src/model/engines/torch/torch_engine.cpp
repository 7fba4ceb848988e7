// The LibTorch engine: a plug-in of its own, so that only a process that infers pays for LibTorch.
//
// Threads: a model runs in the thread that calls it. LibTorch's and OpenMP's counts are set per calling thread;
// OpenBLAS has one for the process, the largest that any model asked for. The graph executor does not specialise: a
// batch size it has not met costs no more than others, and results do not change while it learns.

#include <ATen/Parallel.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <dlfcn.h>
#include <torch/script.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "skep/actors/model_engine.hpp"
#include "skep/actors/plugin.hpp"

namespace skep {
namespace {

constexpr std::pair<DType, at::ScalarType> dtype_pairs[] = {
    {DType::boolean, at::kBool}, {DType::u8, at::kByte},   {DType::i8, at::kChar},  {DType::i16, at::kShort},
    {DType::i32, at::kInt},      {DType::i64, at::kLong},  {DType::f16, at::kHalf}, {DType::bf16, at::kBFloat16},
    {DType::f32, at::kFloat},    {DType::f64, at::kDouble}};

at::ScalarType torch_type(DType dtype) {
  for (const auto& [ours, theirs] : dtype_pairs) {
    if (ours == dtype) return theirs;
  }
  throw std::runtime_error("LibTorch has no " + std::string(to_string(dtype)) + " tensors");
}

DType skep_type(at::ScalarType type) {
  for (const auto& [ours, theirs] : dtype_pairs) {
    if (theirs == type) return ours;
  }
  throw std::runtime_error(std::string("an output is of type ") + c10::toString(type) + ", which no record can hold");
}

/// LibTorch's messages end in backtraces; TorchScript's begin with one and have the reason in the last line.
std::string reason(const std::exception& problem) {
  std::string text = problem.what();
  if (const auto* torch = dynamic_cast<const c10::Error*>(&problem)) text = torch->what_without_backtrace();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const bool script = text.rfind("The following operation failed", 0) == 0;
  return script ? text.substr(text.rfind('\n') + 1) : text.substr(0, text.find('\n'));
}

/// In place where the bytes are aligned for their type; LibTorch only reads its inputs.
at::Tensor input_tensor(const TensorView& view) {
  const auto options = at::TensorOptions().dtype(torch_type(view.dtype()));
  const at::IntArrayRef shape(view.shape().data(), view.shape().size());
  auto* data = const_cast<std::byte*>(view.bytes().data());
  if (reinterpret_cast<std::uintptr_t>(data) % size_of(view.dtype()) == 0) return at::from_blob(data, shape, options);
  auto copy = at::empty(shape, options);
  std::copy(view.bytes().begin(), view.bytes().end(), static_cast<std::byte*>(copy.data_ptr()));
  return copy;
}

OwnedTensor output_tensor(const at::Tensor& tensor) {
  const auto dense = tensor.contiguous();
  const auto* data = static_cast<const std::byte*>(dense.data_ptr());
  OwnedTensor output{skep_type(dense.scalar_type()), {dense.sizes().begin(), dense.sizes().end()}, {}};
  output.bytes = Buffer::copy_of({data, dense.nbytes()});
  return output;
}

void add_outputs(const c10::IValue& value, std::vector<OwnedTensor>& outputs) {
  if (value.isTensor()) {
    outputs.push_back(output_tensor(value.toTensor()));
  } else if (value.isTuple()) {
    for (const auto& element : value.toTupleRef().elements()) add_outputs(element, outputs);
  } else {
    throw std::runtime_error("the model returns " + value.tagKind() + "; a tensor or a tuple of tensors is expected");
  }
}

/// The file in memory, as LibTorch's archive reader asks for it. LibTorch's own adapter does not check its bounds: an
/// archive cut short, or with offsets that point outside it, was read past its end, and crashed the process.
class BoundedFile final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit BoundedFile(std::span<const std::byte> file) : file_(file) {}

  std::size_t size() const override { return file_.size(); }
  std::size_t read(std::uint64_t position, void* to, std::size_t count, const char*) const override {
    if (position > file_.size()) return 0;
    const auto part = file_.subspan(position, std::min(count, file_.size() - position));
    std::copy(part.begin(), part.end(), static_cast<std::byte*>(to));
    return part.size();
  }

 private:
  std::span<const std::byte> file_;
};

class TorchModel final : public Model {
 public:
  TorchModel(torch::jit::Module module, int threads) : module_(std::move(module)), threads_(threads) {}

  std::vector<OwnedTensor> forward(std::span<const TensorView> inputs) override {
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);
    const c10::InferenceMode no_gradients;
    const torch::jit::GraphOptimizerEnabledGuard no_specialisation(false);
    try {
      std::vector<c10::IValue> arguments;
      for (const auto& input : inputs) arguments.emplace_back(input_tensor(input));
      std::vector<OwnedTensor> outputs;
      add_outputs(module_.forward(std::move(arguments)), outputs);
      return outputs;
    } catch (const std::exception& problem) {
      throw std::runtime_error(reason(problem));
    }
  }

 private:
  torch::jit::Module module_;
  int threads_;
};

class TorchEngine final : public Engine {
 public:
  TorchEngine() { at::set_num_interop_threads(1); }

  Result<std::unique_ptr<Model>> load(std::span<const std::byte> file, const LoadOptions& options) override {
    const auto refused = [&](const std::string& why) {
      return Error{errc::invalid_argument, "model '" + options.path + "': " + why};
    };
    if (options.device != "cpu") {
      return refused("device '" + options.device + "' is not there; this LibTorch computes on 'cpu' only");
    }
    const std::lock_guard lock(mutex_);
    raise_blas_threads(static_cast<int>(options.threads));
    try {
      auto module = torch::jit::load(std::make_shared<BoundedFile>(file), at::Device(at::kCPU));
      module.eval();
      return std::unique_ptr<Model>(std::make_unique<TorchModel>(std::move(module), static_cast<int>(options.threads)));
    } catch (const std::exception& problem) {
      return refused("not a TorchScript model: " + reason(problem));
    }
  }

 private:
  /// OpenBLAS reads OPENBLAS_NUM_THREADS when it is loaded, before anything here runs; this call is what bounds it.
  void raise_blas_threads(int threads) {
    blas_threads_ = std::max(blas_threads_, threads);
    using SetThreads = void (*)(int);
    if (const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
      set(blas_threads_);
    }
  }

  std::mutex mutex_;
  int blas_threads_ = 1;
};

}  // namespace
}  // namespace skep

extern "C" __attribute__((visibility("default"))) const char* skep_plugin_abi() {
  return skep::plugin_abi_stamp();
}

extern "C" __attribute__((visibility("default"))) skep::Engine* skep_plugin_engine() {
  static auto* engine = new skep::TorchEngine;  // lives as long as the process: models of it may be anywhere
  return engine;
}
