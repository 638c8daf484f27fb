#include "graphs.h"

#include "memory.h"
#include "status.h"

namespace everlearn::cuda {

struct Graphs::Captured {
  cudaGraphExec_t launchable = nullptr;
  uint64_t moves = 0;  // of the backend's memory when it was captured
  int refusals = 0;

  void clear() {
    if (launchable) cudaGraphExecDestroy(launchable);
    launchable = nullptr;
  }
};

namespace {
constexpr int kMostRefusals = 3;
}

void Graphs::replay(void** captured, bool anew, const std::function<bool()>& body) {
  auto* kept = static_cast<Captured*>(*captured);
  if (!kept) {  // plans are made, code is loaded and scratch grows, none of which can be captured
    *captured = new Captured;
    body();
    return;
  }
  if (kept->moves != state_.moves) kept->clear();
  if (anew || (!kept->launchable && !capture(*kept, body))) {
    body();
    return;
  }
  check(cudaGraphLaunch(kept->launchable, state_.compute), "launching a graph");
}

void Graphs::drop(void* captured) {
  auto* kept = static_cast<Captured*>(captured);
  if (kept) kept->clear();
  delete kept;
}

// False: it was refused, and nothing was launched.
bool Graphs::capture(Captured& into, const std::function<bool()>& body) {
  if (into.refusals == kMostRefusals) return false;
  cudaGraph_t graph = nullptr;
  bool whole = false;
  {
    const std::lock_guard lock(capturing_);
    check(cudaStreamBeginCapture(state_.compute, cudaStreamCaptureModeThreadLocal), "capturing a graph");
    begin_capture(state_);
    whole = body();
    whole = cudaStreamEndCapture(state_.compute, &graph) == cudaSuccess && whole;
    end_capture(state_);
  }
  whole = whole && cudaGraphInstantiate(&into.launchable, graph, 0) == cudaSuccess;
  if (graph) cudaGraphDestroy(graph);
  if (whole) {
    into.moves = state_.moves;
    return true;
  }
  cudaGetLastError();  // must not be found by the next launch
  ++into.refusals;
  return false;
}

}  // namespace everlearn::cuda
