// Streams that are captured: launches are kept, and run when their graph is launched.
#include "grid.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "cuda_runtime_api.h"

struct CUgraph_st {
  std::vector<std::function<void()>> launches;
};
struct CUgraphExec_st {
  std::vector<std::function<void()>> launches;
};

namespace {
CUgraph_st* captured = nullptr;  // what is being captured
bool spoiled = false;            // by a call that no graph can hold
}  // namespace

namespace shim {

void launch(dim3 grid, dim3 block, size_t shared_bytes, Order order, std::function<void()> kernel) {
  auto run = [=, kernel = std::move(kernel)] { run_grid(grid, block, shared_bytes, order, kernel); };
  captured ? captured->launches.push_back(std::move(run)) : run();
}

}  // namespace shim

cudaError_t cudaGetLastError() { return cudaSuccess; }

cudaError_t cudaMallocFromPoolAsync(void** data, size_t bytes, cudaMemPool_t, cudaStream_t) {
  spoiled = captured;  // CUDA would make the graph allocate it at each launch
  *data = std::malloc(bytes);
  __builtin_memset(*data, 0xff, bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* data, cudaStream_t) {
  spoiled = spoiled || captured;
  std::free(data);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  captured = new CUgraph_st;
  spoiled = false;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  *graph = std::exchange(captured, nullptr);
  return spoiled ? cudaErrorStreamCaptureInvalidated : cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* launchable, cudaGraph_t graph, unsigned long long) {
  *launchable = new CUgraphExec_st{graph->launches};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t launchable, cudaStream_t) {
  for (const auto& launch : launchable->launches) launch();
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t launchable) {
  delete launchable;
  return cudaSuccess;
}
