// Memory for what the backend itself keeps, in order of the compute stream; on the executor thread.
#pragma once

#include "context.h"

namespace everlearn::cuda {

// Throws OUT_OF_MEMORY, naming `what`.
void* allocate(State& state, size_t bytes, const char* what);
void release(State& state, void* data);

}  // namespace everlearn::cuda
