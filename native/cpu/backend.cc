#include "backend.h"

#include <omp.h>
#include <xmmintrin.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "../error.h"
#include "check_indices.h"
#include "gemm.h"
#include "isa.h"
#include "linear.h"
#include "memory.h"
#include "threads.h"

namespace everlearn::cpu {

namespace {

constexpr int kScratchSlots = 4;
constexpr unsigned kFlushToZero = 0x8040;  // flush denormal results, treat denormal inputs as zero

// Scratch of the executor thread that runs the op.
void* scratch(int slot, size_t bytes) {
  struct Slot {
    std::unique_ptr<void, decltype(&std::free)> data{nullptr, std::free};
    size_t bytes = 0;
  };
  thread_local Slot slots[kScratchSlots];
  Slot& wanted = slots[slot];
  if (wanted.bytes < bytes) {
    const size_t size = Allocator::size_class(bytes);
    wanted.data.reset();
    wanted.data.reset(std::aligned_alloc(64, size));
    wanted.bytes = wanted.data ? size : 0;
    if (!wanted.data)
      throw state_error("OUT_OF_MEMORY",
                        "out of memory: " + std::to_string(size) + " bytes of scratch asked for");
  }
  return wanted.data.get();
}

}  // namespace

Backend make_backend(int threads) {
  const IsaLevel& level = isa_level();
  struct State {
    Context context;
    std::unique_ptr<Gemm> gemm;
  };
  auto state = std::make_shared<State>();
  state->context.threads = threads > 0 ? threads : compute_threads();
  state->context.scratch = scratch;

  Backend backend;
  backend.info = {
      "cpu", "cpu", "", level.name, state->context.threads, gemm_version(), level.isa == Isa::bf16};
  backend.memory = process_memory();
  backend.table = *level.table();
  backend.table.linear = linear;
  backend.table.linearBackward = linear_backward;
  check_indices_in(backend.table, *level.table());
  backend.start = [state, &level] {
    omp_set_num_threads(state->context.threads);
    omp_set_dynamic(0);
#pragma omp parallel num_threads(state->context.threads)
    _mm_setcsr(_mm_getcsr() | kFlushToZero);
    state->gemm = std::make_unique<Gemm>(state->context, level);
    state->context.state = state->gemm.get();
  };
  backend.finish = [state] { state->gemm.reset(); };
  backend.context = [state]() -> const Context& { return state->context; };
  backend.forget = [state](uint64_t storage) { state->gemm->forget(storage); };
  return backend;
}

}  // namespace everlearn::cpu
