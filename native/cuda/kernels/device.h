// What every kernel file needs: CUDA, or the shim that stands for it on the host (native/test/cuda/shim), and
// how a kernel is launched. Every kernel's grid and scratch depend on shapes and on the device alone, so that
// what an op launches can be captured in a graph.
#pragma once

#include <type_traits>

#include "../ops.h"

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#else
#include <cuda_shim.h>
#endif

// Shared memory of a block: an array or a struct, of the type given last.
#ifdef __CUDACC__
#define EVERLEARN_SHARED(name, ...) __shared__ std::type_identity_t<__VA_ARGS__> name
#else
#define EVERLEARN_SHARED(name, ...) auto& name = shim::static_shared<__VA_ARGS__>([] {})
#endif

namespace everlearn::cuda {

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

#ifdef __CUDACC__
__device__ __forceinline__ float* dynamic_shared() {
  extern __shared__ float4 everlearn_dynamic_shared[];
  return reinterpret_cast<float*>(everlearn_dynamic_shared);
}
#else
inline float* dynamic_shared() { return static_cast<float*>(shim::dynamic_shared()); }
#endif

// Launches on the compute stream; an empty grid launches nothing. Threads of a block are whole warps.
template <class... Parameters, class... Arguments>
void launch(const Context& context, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes,
            Arguments... arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
#ifdef __CUDACC__
  if (shared_bytes > (48 << 10))
    cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)shared_bytes);
  kernel<<<grid, block, shared_bytes, stream_of(context)>>>(arguments...);
#else
  shim::launch(grid, block, shared_bytes, (shim::Order)((context.threads - 1) % 3),
               [=] { kernel(arguments...); });
#endif
}

// Blocks for `items` of work in blocks of `block` threads, an item a thread; no more than `waves` times what
// the device holds at once, as kernels go on in strides of the grid.
inline unsigned blocks_for(const Context& context, int64_t items, int block, int waves = 4) {
  const Properties& device = state_of(context).properties;
  const int64_t wanted = (items + block - 1) / block,
                most = (int64_t)device.multiprocessors * (device.threads_per_multiprocessor / block) * waves;
  return (unsigned)(wanted < most ? wanted : most > 0 ? most : 1);
}

// This thread's number in the grid, and the grid's size.
__device__ __forceinline__ int64_t grid_thread() { return (int64_t)blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int64_t grid_threads() { return (int64_t)gridDim.x * blockDim.x; }

// ---- views
template <class T>
T* data(const View& view) {
  return static_cast<T*>(view.data);
}
inline int64_t size_of(const View& view) {
  int64_t n = 1;
  for (int i = 0; i < view.rank; ++i) n *= view.shape[i];
  return n;
}
inline int64_t bytes_of(DType dtype) {
  return dtype == DType::uint8 ? 1 : dtype == DType::bfloat16 || dtype == DType::float16 ? 2 : 4;
}

// Calls body with a value of the storage type of one of the three floating dtypes.
template <class Body>
void by_float_dtype(DType dtype, const Body& body) {
  if (dtype == DType::float32)
    body(float{});
  else if (dtype == DType::bfloat16)
    body(__nv_bfloat16{});
  else
    body(__half{});
}

template <class T>
T* scratch(const Context& context, int slot, int64_t n) {
  return static_cast<T*>(context.scratch(slot, (size_t)(n > 0 ? n : 1) * sizeof(T)));
}

}  // namespace everlearn::cuda
