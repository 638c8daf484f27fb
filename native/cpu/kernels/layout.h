// Copies that change dtype or order, for ops and for the matrix multiplication wrapper.
#pragma once

#include "level.h"

namespace everlearn::EVERLEARN_CPU {

void convert(const Context&, const void* src, DType src_dtype, void* dst, DType dst_dtype, int64_t n);
void transpose(const Context&, const void* src, int64_t rows, int64_t columns, DType src_dtype, void* dst,
               DType dst_dtype);

}  // namespace everlearn::EVERLEARN_CPU
