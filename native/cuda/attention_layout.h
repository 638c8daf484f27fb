// What cuDNN's attention wants beside the op's own tensors.
#pragma once

#include "context.h"

namespace everlearn::cuda {

// On the device; `sequences` counts up to the plan's bound, those the batch does not have are empty.
struct AttentionLayout {
  int64_t *qkv_offsets, *y_offsets, *stats_offsets;  // [sequences + 1], in values
  int32_t* lengths;                                  // [sequences]
  int64_t *seed, *offset;                            // of dropout
};

// Fills the layout from offsets [count + 1] of a batch with `heads` heads of `head_size`. The seed of dropout
// is a hash of (seed, site, step[0], rows[0]): one mask for each step, site and micro-batch, the same in
// forward and backward.
void fill_attention_layout(const Context& context, const Dropout& dropout, const View& offsets, int64_t heads,
                           int64_t head_size, int64_t sequences, const AttentionLayout& layout);

// Zeros the rows of y [M, C] before the first sequence and after the last.
void zero_rows_of_no_sequence(const Context& context, const View& offsets, const View& y);

}  // namespace everlearn::cuda
