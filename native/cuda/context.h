// What an op finds behind Context::state on a CUDA device. No header of the CUDA toolkit is needed to read
// this one, so that the kernels' files can also be compiled for the host (native/test/cuda).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../error.h"
#include "../ops.h"

using cudaStream_t = struct CUstream_st*;
using cudaMemPool_t = struct CUmemPoolHandle_st*;

namespace everlearn::cuda {

class ComputeCopies;  // of weights, for products (compute_copies.h)
class Linears;        // cuBLASLt: plans (linear.h)
class Attentions;     // cuDNN: attention plans (attention.h)

// What does not change while the device is open. Read by kernels to choose their grids.
struct Properties {
  int index = 0;       // of the device, as CUDA counts
  int capability = 0;  // 80, 90, ...
  int multiprocessors = 0;
  int threads_per_multiprocessor = 0;
  int shared_bytes_per_block = 0;  // with cudaFuncAttributeMaxDynamicSharedMemorySize
  size_t memory_bytes = 0;
};

struct State {
  Properties properties;
  cudaStream_t compute = nullptr;  // everything an op launches
  cudaMemPool_t pool = nullptr;
  bool deterministic = false;  // only forms whose results do not depend on timing
  // Of memory.h: how often memory that the backend keeps between ops was had or given back, whether launches
  // are being captured, and what is given back once they are not.
  uint64_t moves = 0;
  bool capturing = false;
  std::vector<void*> postponed;
  ComputeCopies* copies = nullptr;
  Linears* linears = nullptr;
  Attentions* attentions = nullptr;
};

inline State& state_of(const Context& context) { return *static_cast<State*>(context.state); }
inline cudaStream_t stream_of(const Context& context) { return state_of(context).compute; }

// Throws CUDA, naming `what` and the runtime's text, when the last launch of this thread was refused. Every
// function that launches ends with it.
void check_launch(const char* what);

// ComputeCopies::of_arena, for the kernels' files.
View compute_copy(const Context& context, const View& arena);

// Scratch: context.scratch(slot, bytes), slots 0..3 as on the CPU, is device memory that is safe to use for
// everything an op launches on the compute stream and may be handed to the next op without waiting. Slot 3 is
// for linear and attention, which call kernels that use the others.

}  // namespace everlearn::cuda
