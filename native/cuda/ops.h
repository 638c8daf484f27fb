// Every op of native/ops.h as a function that launches on the device's compute stream and returns at once.
// linear* and attention* are in linear.cc and attention.cc, the rest in kernels/.
#pragma once

#include "context.h"

namespace everlearn::cuda {

#define EVERLEARN_DECLARE_OP(name, Struct) void name(const Context&, const Struct&);
EVERLEARN_OPS(EVERLEARN_DECLARE_OP)
#undef EVERLEARN_DECLARE_OP

// kernels/attention.cu: attention of float32, and of any type where cuDNN takes the shape or the device not.
// Masks are those of the CPU backend, lse is [heads, M].
void own_attention(const Context&, const Attention&);
void own_attention_backward(const Context&, const AttentionBackward&);

}  // namespace everlearn::cuda
