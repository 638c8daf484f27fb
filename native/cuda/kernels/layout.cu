// fill, copy.
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;

// Bytes, in vectors of 16 where both sides are aligned.
template <class Unit>
__global__ void __launch_bounds__(kBlock) copy_units(const Unit* x, Unit* y, int64_t n) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) y[i] = x[i];
}
void copy_bytes(const Context& context, const View& x, const View& y, int64_t bytes) {
  const bool fit = vectors_fit<uint8_t>(0, data<char>(x), data<char>(y));
  const int64_t vectors = fit ? bytes / 16 : 0, rest = bytes - vectors * 16;
  launch(context, copy_units<uint4>, blocks_for(context, vectors, kBlock), kBlock, 0, data<uint4>(x),
         data<uint4>(y), vectors);
  launch(context, copy_units<uint8_t>, blocks_for(context, rest, kBlock), kBlock, 0,
         data<uint8_t>(x) + vectors * 16, data<uint8_t>(y) + vectors * 16, rest);
}

// N values a thread: a vector of the smaller type.
template <class S, class D, int N>
__global__ void __launch_bounds__(kBlock) convert_floats(const S* x, D* y, int64_t n) {
  const int64_t vectors = n / N;
  for (int64_t i = grid_thread(); i < vectors; i += grid_threads()) {
    float v[N];
    load(x + i * N, v);
    store(y + i * N, v);
  }
  for (int64_t i = vectors * N + grid_thread(); i < n; i += grid_threads()) from_float(to_float(x[i]), y + i);
}

// A number as float64, which holds every value of every dtype.
__device__ double read_number(const void* p, DType dtype, int64_t i) {
  switch (dtype) {
    case DType::float32:
      return static_cast<const float*>(p)[i];
    case DType::bfloat16:
      return to_float(static_cast<const __nv_bfloat16*>(p)[i]);
    case DType::float16:
      return to_float(static_cast<const __half*>(p)[i]);
    case DType::int32:
      return static_cast<const int32_t*>(p)[i];
    case DType::uint8:
      return static_cast<const uint8_t*>(p)[i];
  }
  return 0;
}
__device__ double within(double x, double least, double most) {
  return x > least ? (x < most ? x : most) : x <= least ? least : 0;
}
__device__ void write_number(void* p, DType dtype, int64_t i, double value) {
  switch (dtype) {
    case DType::float32:
      static_cast<float*>(p)[i] = (float)value;
      break;
    case DType::bfloat16:
      from_float((float)value, static_cast<__nv_bfloat16*>(p) + i);
      break;
    case DType::float16:
      from_float((float)value, static_cast<__half*>(p) + i);
      break;
    case DType::int32:
      static_cast<int32_t*>(p)[i] = (int32_t)within(value, -2147483648.0, 2147483647.0);
      break;
    case DType::uint8:
      static_cast<uint8_t*>(p)[i] = (uint8_t)within(value, 0, 255);
      break;
  }
}
__global__ void __launch_bounds__(kBlock)
    copy_numbers(const void* x, DType from, void* y, DType to, int64_t n) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) write_number(y, to, i, read_number(x, from, i));
}

__global__ void __launch_bounds__(kBlock) fill_numbers(void* y, DType dtype, int64_t n, float value) {
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) write_number(y, dtype, i, value);
}
__global__ void __launch_bounds__(kBlock) fill_vectors(uint4* y, int64_t n, DType dtype, float value) {
  uint4 pattern;
  for (int i = 0; i < 16 / (dtype == DType::float32 || dtype == DType::int32 ? 4
                            : dtype == DType::uint8                          ? 1
                                                                             : 2);
       ++i)
    write_number(&pattern, dtype, i, value);
  for (int64_t i = grid_thread(); i < n; i += grid_threads()) y[i] = pattern;
}

bool is_float(DType dtype) { return dtype != DType::int32 && dtype != DType::uint8; }

}  // namespace

void copy(const Context& context, const Copy& op) {
  const int64_t n = size_of(op.x);
  if (op.x.dtype == op.y.dtype) {
    copy_bytes(context, op.x, op.y, n * bytes_of(op.x.dtype));
  } else if (is_float(op.x.dtype) && is_float(op.y.dtype)) {
    by_float_dtype(op.x.dtype, [&](auto s) {
      by_float_dtype(op.y.dtype, [&](auto d) {
        using S = decltype(s);
        using D = decltype(d);
        constexpr int kN = 8;
        const S* x = data<S>(op.x);
        D* y = data<D>(op.y);
        const bool fit = vectors_fit<__half>(0, x, y);
        launch(context, fit ? convert_floats<S, D, kN> : convert_floats<S, D, 1>,
               blocks_for(context, fit ? (n + kN - 1) / kN : n, kBlock), kBlock, 0, x, y, n);
      });
    });
  } else {
    launch(context, copy_numbers, blocks_for(context, n, kBlock), kBlock, 0, op.x.data, op.x.dtype, op.y.data,
           op.y.dtype, n);
  }
  check_launch("copy");
}

void fill(const Context& context, const Fill& op) {
  const int64_t n = size_of(op.y), bytes = bytes_of(op.y.dtype);
  const int64_t vectors = vectors_fit<uint8_t>(0, data<char>(op.y)) ? n * bytes / 16 : 0,
                rest = n - vectors * 16 / bytes;
  launch(context, fill_vectors, blocks_for(context, vectors, kBlock), kBlock, 0, data<uint4>(op.y), vectors,
         op.y.dtype, op.value);
  launch(context, fill_numbers, blocks_for(context, rest, kBlock), kBlock, 0,
         static_cast<void*>(data<char>(op.y) + vectors * 16), op.y.dtype, rest, op.value);
  check_launch("fill");
}

}  // namespace everlearn::cuda
