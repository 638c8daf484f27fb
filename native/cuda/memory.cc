#include "memory.h"

#include "status.h"

namespace everlearn::cuda {

void* allocate(State& state, size_t bytes, const char* what) {
  void* data = nullptr;
  check(cudaMallocFromPoolAsync(&data, bytes, state.pool, state.compute), what);
  return data;
}

// When the process ends CUDA may be gone already: this may not fail.
void release(State& state, void* data) { cudaFreeAsync(data, state.compute); }

}  // namespace everlearn::cuda
