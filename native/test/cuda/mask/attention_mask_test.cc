// cuDNN's attention, whose dropout draws from a generator of its own: its mask is written to memory and
// forward and backward are compared with the reference under that mask. Needs a GPU and cuDNN; without them
// it says what is missing.
#include <cuda_runtime_api.h>

#include <bit>
#include <optional>

#include "../../../cuda/attention_run.h"
#include "../../../cuda/gpu.h"
#include "../../../cuda/ops.h"
#include "../../../cuda/status.h"
#include "../../kernels/attention_reference.h"

namespace test {

using namespace everlearn::cuda;

namespace {

std::unique_ptr<Gpu> gpu;

// A tensor's copy on the GPU.
class OnGpu {
 public:
  explicit OnGpu(const Tensor& tensor) : tensor_(tensor) {
    const auto bytes = static_cast<size_t>(tensor.byte_size());
    cuda::check(cudaMalloc(&data_, bytes), "allocating");
    cuda::check(cudaMemcpy(data_, tensor.bytes.get(), bytes, cudaMemcpyHostToDevice), "copying");
  }
  OnGpu(const OnGpu&) = delete;
  OnGpu& operator=(const OnGpu&) = delete;
  ~OnGpu() { cudaFree(data_); }

  View view() const {
    View view = tensor_.view();
    view.data = data_;
    return view;
  }
  float* floats() const { return static_cast<float*>(data_); }
  Tensor read() const {
    Tensor copy = make(tensor_.shape, tensor_.dtype);
    cuda::check(cudaDeviceSynchronize(), "running");
    cuda::check(
        cudaMemcpy(copy.bytes.get(), data_, static_cast<size_t>(copy.byte_size()), cudaMemcpyDeviceToHost),
        "copying");
    return copy;
  }

 private:
  Tensor tensor_;
  void* data_ = nullptr;
};

struct Case {
  DType dtype;
  int64_t heads, size;
  std::vector<int64_t> offsets;
  int64_t tokens;
  bool deterministic;
};

// The tensors of one batch, and what is launched on them.
struct Batch {
  explicit Batch(const Case& c, const Tensor& qkv, const Tensor& dy, const Tensor& offsets, const Site& site)
      : qkv(qkv),
        dy(dy),
        offsets(offsets),
        rows(site.rows),
        step(site.step),
        y(make({c.tokens, c.heads * c.size}, c.dtype, 8)),
        lse(make({c.tokens, c.heads}, DType::float32, 8)),
        dqkv(make({c.tokens, 3 * c.heads * c.size}, c.dtype, 8)) {
    const auto fill = [&](auto& op) {
      op.rows = rows.view(), op.step = this->step.view();
      op.seed = site.seed, op.site = site.site, op.probability = site.probability;
      op.qkv = this->qkv.view(), op.offsets = this->offsets.view(), op.y = y.view();
      op.lse = lse.view();
      op.lse.shape[0] = c.heads, op.lse.shape[1] = c.tokens;
      op.heads = static_cast<int32_t>(c.heads);
    };
    fill(forward);
    fill(backward);
    backward.dy = this->dy.view(), backward.dqkv = dqkv.view();
  }

  OnGpu qkv, dy, offsets, rows, step, y, lse, dqkv;
  Attention forward;
  AttentionBackward backward;
};

AttentionShape shape_of(const Case& c, float probability) {
  int64_t longest = 1;
  for (size_t s = 0; s + 1 < c.offsets.size(); ++s)
    longest = std::max(longest, c.offsets[s + 1] - c.offsets[s]);
  const auto sequences = static_cast<int64_t>(std::bit_ceil(c.offsets.size() - 1));
  return {sequences, c.heads, (longest + 127) / 128 * 128, c.size, c.dtype, probability, false, false, true};
}

// Forward and backward with the mask kept: that of the forward; checks that it is the backward's.
Tensor kept_mask(const Case& c, const AttentionShape& shape, const Batch& batch, cudnnHandle_t handle) {
  const Context& context = gpu->context();
  AttentionShape back = shape;
  back.backward = true;
  back.deterministic = c.deterministic;
  const AttentionPlan plan = make_attention_plan(libraries(), {handle, {}}, shape),
                      back_plan = make_attention_plan(libraries(), {handle, {}}, back);
  const Tensor unwritten =
      make({shape.sequences, shape.heads, shape.longest, shape.longest}, DType::float32, 7);
  const OnGpu mask(unwritten), back_mask(unwritten);
  run_attention(context, libraries(), handle, plan, shape, batch.forward, mask.floats());
  run_attention_backward(context, libraries(), handle, back_plan, back, batch.backward, back_mask.floats());
  const Tensor drawn = mask.read(), again = back_mask.read();
  int64_t kept = 0, seen = 0;
  bool binary = true, same = true;
  for (size_t s = 0; s + 1 < c.offsets.size(); ++s)
    for (int64_t h = 0; h < c.heads; ++h)
      for (int64_t i = 0; i < c.offsets[s + 1] - c.offsets[s]; ++i)
        for (int64_t j = 0; j < c.offsets[s + 1] - c.offsets[s]; ++j, ++seen) {
          const int64_t at =
              ((static_cast<int64_t>(s) * c.heads + h) * shape.longest + i) * shape.longest + j;
          binary = binary && (drawn.get(at) == 0 || drawn.get(at) == 1);
          same = same && drawn.get(at) == again.get(at);
          kept += drawn.get(at) == 1;
        }
  const double p = shape.probability, n = static_cast<double>(seen);
  check(binary, "the mask is 0 or 1");
  check(same, "the backward's mask is the forward's");
  check(std::fabs(static_cast<double>(kept) - n * (1 - p)) <= 5 * std::sqrt(n * p * (1 - p)),
        std::to_string(kept) + " of " + std::to_string(seen) + " values are kept");
  return drawn;
}

void compare(const Case& c, const Batch& batch, const AttentionResults& wanted, const std::string& what) {
  const Tensor y = batch.y.read(), dqkv = batch.dqkv.read(), lse = batch.lse.read();
  check_close(y, wanted.y, 2e-2, what + ": y");
  check_close(dqkv, wanted.dqkv, 2e-2, what + ": dqkv");
  double error = 0;  // cuDNN's is [tokens, heads]
  for (int64_t t = c.offsets.front(); t < c.offsets.back(); ++t)
    for (int64_t h = 0; h < c.heads; ++h)
      error = std::max(error, std::fabs(lse.get(t * c.heads + h) - wanted.lse[h * c.tokens + t]));
  check(error <= 1e-3, what + ": lse, off by " + std::to_string(error));
  bool zero = true;
  for (int64_t t = 0; t < c.tokens; ++t)
    if (t < c.offsets.front() || t >= c.offsets.back())
      for (int64_t i = 0; i < c.heads * c.size; ++i)
        zero = zero && y.get(t * c.heads * c.size + i) == 0 && dqkv.get(t * 3 * c.heads * c.size + i) == 0;
  check(zero, what + ": rows of no sequence are zeros");
}

void run(const Case& c, cudnnHandle_t handle) {
  begin(std::string("cuDNN's attention under its own mask, ") + name_of(c.dtype) + ", " +
        std::to_string(c.heads) + " heads of " + std::to_string(c.size) + ", " + std::to_string(c.tokens) +
        " tokens" + (c.deterministic ? ", deterministic" : ""));
  Random random{static_cast<uint64_t>(c.tokens)};
  const Tensor qkv = normal(random, {c.tokens, 3 * c.heads * c.size}, c.dtype),
               dy = normal(random, {c.tokens, c.heads * c.size}, c.dtype);
  Tensor offsets = make({static_cast<int64_t>(c.offsets.size())}, DType::int32);
  for (size_t i = 0; i < c.offsets.size(); ++i)
    offsets.set(static_cast<int64_t>(i), static_cast<double>(c.offsets[i]));
  const Site site = site_of(c.tokens, 0.1);
  const AttentionShape shape = shape_of(c, site.probability);

  const Batch batch(c, qkv, dy, offsets, site);
  const Tensor mask = kept_mask(c, shape, batch, handle);
  const auto factor = [&](int64_t s, int64_t h, int64_t i, int64_t j) {
    return mask.get(((s * c.heads + h) * shape.longest + i) * shape.longest + j) / (1 - shape.probability);
  };
  const AttentionResults wanted =
      attention_reference({c.tokens, c.heads, c.size, c.offsets, qkv.values(), dy.values(), factor});
  compare(c, batch, wanted, "with the mask kept");

  // What training runs draws the same mask.
  const Batch trained(c, qkv, dy, offsets, site);
  attention(gpu->context(), trained.forward);
  attentionBackward(gpu->context(), trained.backward);
  compare(c, trained, wanted, "as in training");

  Site next = site;
  next.step = make({1}, DType::int32, site.step.get(0) + 1);
  const Batch later(c, qkv, dy, offsets, next);
  check(!same_bytes(kept_mask(c, shape, later, handle), mask), "another step, another mask");
}

void run_all(bool deterministic) {
  gpu = std::make_unique<Gpu>(PluginOptions{0, deterministic});
  gpu->start();
  cudnnHandle_t handle = nullptr;
  cuda::check(libraries().cudnnCreate(&handle), "opening cuDNN");
  cuda::check(libraries().cudnnSetStream(handle, gpu->state().compute), "opening cuDNN");
  for (const DType dtype : {DType::bfloat16, DType::float16}) {
    run({dtype, 4, 32, {0, 1, 1, 70, 198}, 208, deterministic}, handle);
    run({dtype, 12, 64, {0, 128, 200, 256}, 256, deterministic}, handle);
    run({dtype, 2, 64, {0, 300, 304}, 320, deterministic}, handle);
  }
  libraries().cudnnDestroy(handle);
  gpu->finish();
  gpu.reset();
}

// Why there is nothing to run, or null.
std::optional<std::string> missing() {
  try {
    require_gpu(0);
  } catch (const Error& error) {
    return error.what();
  }
  for (const LibraryState* state :
       {&libraries().cublaslt_state, &libraries().nvrtc_state, &libraries().cudnn_state})
    if (!state->found) return state->problem;
  return std::nullopt;
}

}  // namespace

Context context_of(int) { return gpu->context(); }

int run_tests() {
  if (const auto reason = missing()) {
    std::printf("ok cuDNN's attention under its own mask # SKIP %s\n", reason->c_str());
    return 0;
  }
  run_all(false);
  if (properties_of(0).capability == 90) run_all(true);  // cuDNN has no such backward elsewhere
  return finish();
}

}  // namespace test

int main() {
  try {
    return test::run_tests();
  } catch (const std::exception& error) {
    std::printf("FAILED %s\n", error.what());
    return 1;
  }
}
