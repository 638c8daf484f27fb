// Products of float32 matrices, for processors below AVX-512.
#pragma once

#include "helpers.h"
#include "level.h"

namespace everlearn::EVERLEARN_CPU {

void multiply(const Context&, const FloatProduct&);

}  // namespace everlearn::EVERLEARN_CPU
