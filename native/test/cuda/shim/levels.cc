// The CUDA kernels as a level of their own, run by the shim.
#include "../../kernels/harness.h"

#include "../../../cuda/compute_copies.h"
#include "../../../cuda/ops.h"
#include "../../../cuda/status.h"
#include "cuda_tests.h"

namespace everlearn::cuda {

void check_launch(const char*) {}  // the shim ends the process where CUDA would refuse

void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw state_error("CUDA", what);
}

// attention is cuDNN's or the own kernel: here always the latter.
void attention(const Context& context, const Attention& op) { own_attention(context, op); }
void attentionBackward(const Context& context, const AttentionBackward& op) {
  own_attention_backward(context, op);
}

}  // namespace everlearn::cuda

namespace test {

namespace {

void convert(const Context& context, const void* from, DType from_dtype, void* to, DType to_dtype,
             int64_t n) {
  const auto view = [n](void* values, DType dtype) {
    View v;
    v.data = values, v.rank = 1, v.shape[0] = n, v.dtype = dtype;
    return v;
  };
  cuda::copy(context, {view(const_cast<void*>(from), from_dtype), view(to, to_dtype)});
}

}  // namespace

const std::vector<Level>& levels() {
  static const std::vector<Level> all = [] {
    using namespace everlearn::cuda;
    constexpr decltype(nullptr) linear = nullptr, linearBackward = nullptr;  // cuBLASLt
#define EVERLEARN_ENTRY(name, Struct) name,
    static const BackendTable table = {kBackendAbi, "cuda", EVERLEARN_OPS(EVERLEARN_ENTRY)};
    static const KernelHelpers helpers = {convert, nullptr, nullptr};
    return std::vector<Level>{{"cuda", &table, &helpers}};
  }();
  return all;
}

namespace {

cuda::State state = [] {
  cuda::State small;  // so small that grids go on in strides
  small.properties.multiprocessors = 2;
  small.properties.threads_per_multiprocessor = 512;
  small.properties.shared_bytes_per_block = kSharedBytes;
  return small;
}();
cuda::ComputeCopies copies(state);

}  // namespace

void set_shared_bytes(int bytes) { state.properties.shared_bytes_per_block = bytes; }

Context context_of(int threads) {
  state.copies = &copies;
  Context context = {};
  context.threads = threads;
  context.state = &state;
  context.scratch = scratch;
  return context;
}

}  // namespace test
