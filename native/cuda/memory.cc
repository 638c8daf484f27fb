#include "memory.h"

#include "status.h"

namespace everlearn::cuda {

void* allocate(State& state, size_t bytes, const char* what) {
  if (state.capturing) throw state_error("CUDA", std::string(what) + " while a graph is captured");
  ++state.moves;
  void* data = nullptr;
  check(cudaMallocFromPoolAsync(&data, bytes, state.pool, state.compute), what);
  return data;
}

// When the process ends CUDA may be gone already: this may not fail.
void release(State& state, void* data) {
  if (state.capturing) return state.postponed.push_back(data);
  ++state.moves;
  cudaFreeAsync(data, state.compute);
}

void begin_capture(State& state) { state.capturing = true; }

void end_capture(State& state) {
  state.capturing = false;
  for (void* data : state.postponed) release(state, data);
  state.postponed.clear();
}

}  // namespace everlearn::cuda
