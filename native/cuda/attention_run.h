// Launches plans of cuDNN's attention on the tensors of an op.
#pragma once

#include "attention_plan.h"
#include "context.h"

namespace everlearn::cuda {

// `plan` was made for `shape`, which `op` fits. Where the shape keeps the mask of dropout, it comes to
// `mask`, float32 [sequences, heads, longest, longest] on the device: 1 for what is kept, 0 for what is
// dropped.
void run_attention(const Context& context, const Libraries& library, cudnnHandle_t handle,
                   const AttentionPlan& plan, const AttentionShape& shape, const Attention& op,
                   float* mask = nullptr);
void run_attention_backward(const Context& context, const Libraries& library, cudnnHandle_t handle,
                            const AttentionPlan& plan, const AttentionShape& shape,
                            const AttentionBackward& op, float* mask = nullptr);

}  // namespace everlearn::cuda
