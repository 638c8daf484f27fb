// Storage types and the step from a run-time dtype to a compile-time one.
#pragma once

#include "level.h"

namespace everlearn::EVERLEARN_CPU {

struct bfloat16 {
  uint16_t bits;
};
struct float16 {
  uint16_t bits;
};

// Calls body with a value of the storage type of one of the three floating dtypes.
template <class Body>
EVERLEARN_INLINE void by_float_dtype(DType dtype, const Body& body) {
  if (dtype == DType::float32) {
    body(float{});
  } else if (dtype == DType::bfloat16) {
    body(bfloat16{});
  } else {
    body(float16{});
  }
}

template <class T>
EVERLEARN_INLINE T* data(const View& view) {
  return static_cast<T*>(view.data);
}

EVERLEARN_INLINE int64_t size_of(const View& view) {
  int64_t n = 1;
  for (int i = 0; i < view.rank; ++i) n *= view.shape[i];
  return n;
}

EVERLEARN_INLINE int64_t bytes_of(DType dtype) {
  return dtype == DType::uint8 ? 1 : dtype == DType::bfloat16 || dtype == DType::float16 ? 2 : 4;
}

}  // namespace everlearn::EVERLEARN_CPU
