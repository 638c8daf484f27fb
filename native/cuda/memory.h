// Memory for what the backend itself keeps, in order of the compute stream; on the executor thread.
#pragma once

#include "context.h"

namespace everlearn::cuda {

// Throws OUT_OF_MEMORY, naming `what`, and CUDA while launches are captured: a graph would own the memory.
void* allocate(State& state, size_t bytes, const char* what);
void release(State& state, void* data);

// Around a capture.
void begin_capture(State& state);
void end_capture(State& state);

}  // namespace everlearn::cuda
