// What the kernel levels give the rest of the CPU backend: the table of ops and what linear layers are
// made of.
#pragma once

#include "../../backend.h"

namespace everlearn {

struct BackendTable;

// c[m, n] (+)= a[m, k] b[k, n] (+ bias[n]), all float32 and row-major; a transposed operand lies in memory as
// its transpose.
struct FloatProduct {
  int64_t m, n, k;
  const float *a, *b, *bias;
  float* c;
  bool a_transposed, b_transposed, accumulate;
  int64_t a_stride = 0;  // values from one row of a in memory to the next; 0: a has no gaps
};

struct KernelHelpers {
  // dst[i] = src[i] converted, n values. float32, bfloat16 and float16 to each other, rounded to nearest
  // even.
  void (*convert)(const Context&, const void* src, DType src_dtype, void* dst, DType dst_dtype, int64_t n);
  // dst [columns, rows] = src [rows, columns] transposed and converted, the same three dtypes.
  void (*transpose)(const Context&, const void* src, int64_t rows, int64_t columns, DType src_dtype,
                    void* dst, DType dst_dtype);
  // The same to the bit for any number of threads. Takes scratch slot 2.
  void (*multiply)(const Context&, const FloatProduct&);
};

}  // namespace everlearn

// The ops of a level; linear and linearBackward are null. Call a level only where the CPU has it:
// x86-64-v2, x86-64-v3, x86-64-v4, x86-64-v4 with AVX512_BF16.
extern "C" {
const everlearn::BackendTable* everlearn_kernels_v2();
const everlearn::BackendTable* everlearn_kernels_v3();
const everlearn::BackendTable* everlearn_kernels_v4();
const everlearn::BackendTable* everlearn_kernels_bf16();

const everlearn::KernelHelpers* everlearn_helpers_v2();
const everlearn::KernelHelpers* everlearn_helpers_v3();
const everlearn::KernelHelpers* everlearn_helpers_v4();
const everlearn::KernelHelpers* everlearn_helpers_bf16();
}
