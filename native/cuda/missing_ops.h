// Which ops this build of the CUDA backend has no code for: their functions are looked up weakly, so that an
// op that only the CPU has as yet leaves a hole that is told of, not a library that does not link.
#pragma once

#include <string>

#include "ops.h"

namespace everlearn::cuda {

#define EVERLEARN_DECLARE_WEAKLY(name, Struct) __attribute__((weak)) void name(const Context&, const Struct&);
EVERLEARN_OPS(EVERLEARN_DECLARE_WEAKLY)
#undef EVERLEARN_DECLARE_WEAKLY

// Names with ", " between them; empty: none is missing.
std::string missing_ops();

// Throws OPS_MISSING unless every op is there: what a model needs is not known when a device is opened.
void require_all_ops();

}  // namespace everlearn::cuda
