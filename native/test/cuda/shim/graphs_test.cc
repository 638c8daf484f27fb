// Launches captured as graphs: when they are, that they are run again rather than asked for, and what spoils
// it.
#include "../../../cuda/graphs.h"

#include "../../../cuda/memory.h"
#include "../../kernels/harness.h"
#include "cuda_tests.h"

namespace test {

namespace {

using cuda::Graphs;

// y += x, counting how often it was asked for.
struct Adding {
  Tensor x = make({100}, DType::float32, 1), y = make({100}, DType::float32);
  int calls = 0;

  void operator()(const Context& context) {
    ++calls;
    levels()[0].table->add(context, {x.view(), y.view(), y.view()});
  }
};

void test_replay() {
  begin("graphs");
  const Context context = context_of(1);
  cuda::State& state = cuda::state_of(context);
  Graphs graphs(state);
  Adding adding;
  void* captured = nullptr;
  const auto replay = [&](bool anew = false) {
    graphs.replay(&captured, anew, [&] {
      adding(context);
      return true;
    });
  };
  const auto is = [&](int calls, double y, const std::string& what) {
    check(adding.calls == calls && adding.y.get(99) == y, what);
  };
  replay();
  is(1, 1, "the first time as ordinary launches");
  replay();
  is(2, 2, "captured the second time, and launched once");
  adding.x.set(99, 10);
  replay();
  is(2, 12, "launched again on other values");
  replay(true);
  is(3, 22, "as ordinary launches where that is asked for");
  replay();
  is(3, 32, "the graph is still there");
  cuda::release(state, cuda::allocate(state, 64, "test"));
  replay();
  is(4, 42, "captured again when the backend's memory has moved");
  replay();
  is(4, 52, "and launched again");
  Graphs::drop(captured);
}

void test_refusal() {
  begin("graphs: what cannot be captured");
  const Context context = context_of(1);
  cuda::State& state = cuda::state_of(context);
  Graphs graphs(state);
  Adding adding;
  void* captured = nullptr;
  bool asks_for_memory = true;
  const auto replay = [&] {
    graphs.replay(&captured, false, [&] {
      try {
        adding(context);
        if (asks_for_memory) cuda::release(state, cuda::allocate(state, 64, "test"));
        return true;
      } catch (const Error&) {
        return false;
      }
    });
  };
  replay();
  replay();
  check(adding.calls == 3 && adding.y.get(0) == 2, "memory is asked for: ordinary launches instead");
  check(!state.capturing && state.postponed.empty(), "nothing is left of the attempt");
  asks_for_memory = false;
  replay();
  replay();
  check(adding.calls == 4 && adding.y.get(0) == 4, "captured once it can be");
  Graphs::drop(captured);

  captured = nullptr;
  asks_for_memory = true;
  adding.calls = 0;
  for (int i = 0; i < 10; ++i) replay();
  check(adding.calls == 13 && adding.y.get(0) == 14, "given up after three attempts");
  Graphs::drop(captured);

  captured = nullptr;
  void* kept = cuda::allocate(state, 64, "test");
  graphs.replay(&captured, false, [] { return true; });
  graphs.replay(&captured, false, [&] {
    if (kept) cuda::release(state, kept);
    kept = nullptr;
    return true;
  });
  check(state.postponed.empty(), "memory given back meanwhile is freed afterwards");
  Graphs::drop(captured);
}

}  // namespace

void test_graphs() {
  test_replay();
  test_refusal();
}

Outputs as_graph(const std::function<Outputs(const Context&)>& body) {
  Context context = context_of(2);
  context.scratch = [](int slot, size_t bytes) {  // that stays where it is
    static std::vector<char> slots[4];
    if (slots[slot].size() < bytes) slots[slot].resize(std::max(bytes, size_t{64} << 20));
    return static_cast<void*>(slots[slot].data());
  };
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t launchable = nullptr;
  cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeThreadLocal);
  const Outputs outputs = body(context);
  cudaStreamEndCapture(nullptr, &graph);
  cudaGraphInstantiate(&launchable, graph, 0);
  cudaGraphLaunch(launchable, nullptr);
  cudaGraphDestroy(graph);
  cudaGraphExecDestroy(launchable);
  return outputs;
}

}  // namespace test
