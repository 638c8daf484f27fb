// cuDNN's attention as graphs of its backend API: scaled, masked softmax with dropout on packed (ragged)
// batches, and its backward. The order of operations and the form of every tensor follow NVIDIA's
// cudnn-frontend 1.23 (node/scaled_dot_product_flash_attention.h), which is what cuDNN's engines recognise.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../backend.h"
#include "cudnn_descriptors.h"

namespace everlearn::cuda {

// What a plan is made for. Sequences and the longest one are bounds: real lengths come with each execution.
struct AttentionShape {
  int64_t sequences, heads, longest, head_size;
  DType dtype;        // bfloat16 | float16
  float probability;  // of dropping; 0: no dropout
  bool backward;
  bool deterministic;       // of the backward
  bool keeps_mask = false;  // writes the mask of dropout to memory, for tests

  auto operator<=>(const AttentionShape&) const = default;
};

// The tensors a plan is executed with. Strides are those of packed rows: qkv [M, 3, heads, head_size],
// y [M, heads, head_size], stats [M, heads].
enum class AttentionTensor : int64_t {
  q = 1,
  k,
  v,
  y,
  stats,
  dy,
  dq,
  dk,
  dv,
  qkv_offsets,  // int64 [sequences + 1], in values
  y_offsets,
  stats_offsets,
  lengths_q,
  lengths_k,  // int32 [sequences]
  seed,
  offset,  // int64, of dropout
  scale,
  minus_infinity,
  keep_scale,
  keep,      // float32 on the host: 1/sqrt(head_size), -inf, 1/(1-p), 1-p
  row_sums,  // float32, as stats; backward only
  dq_sums,   // float32, as y; backward only, absent in the deterministic form
  mask,      // float32 [sequences, heads, longest, longest]; where the shape keeps it
  first_virtual = 100,
};

// The operations of a shape's graph, finalized, in order.
std::vector<cudnnBackendDescriptor_t> attention_operations(CudnnDescriptors& descriptors,
                                                           const AttentionShape& shape);

}  // namespace everlearn::cuda
