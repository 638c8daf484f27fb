// fill, copy, convert, transpose.
#include "layout.h"

#include "parallel.h"
#include "transpose_tile.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

template <class S, class D>
EVERLEARN_INLINE void convert_floats(const Context& context, const S* src, D* dst, int64_t n) {
  parallel(context, (n + kWidth - 1) / kWidth, kWidth, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    const int64_t from = begin * kWidth, to = end * kWidth < n ? end * kWidth : n;
    columns(to - from, [&](int64_t k, auto lanes)
                           EVERLEARN_LAMBDA { store(dst + from + k, load(src + from + k, lanes), lanes); });
  });
}

void copy_bytes(const Context& context, const void* src, void* dst, int64_t bytes) {
  constexpr int64_t kBlock = 4096;
  parallel(context, (bytes + kBlock - 1) / kBlock, kBlock / 4,
           [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
             const int64_t from = begin * kBlock, to = end * kBlock < bytes ? end * kBlock : bytes;
             memcpy(static_cast<char*>(dst) + from, static_cast<const char*>(src) + from, to - from);
           });
}

// Integers are read and written one by one: they are rare. A float becomes the nearest integer towards zero
// in range, NaN becomes 0.
double read_number(const void* p, DType dtype, int64_t i) {
  switch (dtype) {
    case DType::float32:
      return static_cast<const float*>(p)[i];
    case DType::bfloat16:
      return load_one(static_cast<const bfloat16*>(p) + i);
    case DType::float16:
      return load_one(static_cast<const float16*>(p) + i);
    case DType::int32:
      return static_cast<const int32_t*>(p)[i];
    case DType::uint8:
      return static_cast<const uint8_t*>(p)[i];
  }
  return 0;
}
double within(double x, double least, double most) {
  return x > least ? (x < most ? x : most) : x <= least ? least : 0;
}
void write_number(void* p, DType dtype, int64_t i, double value) {
  switch (dtype) {
    case DType::float32:
      static_cast<float*>(p)[i] = (float)value;
      break;
    case DType::bfloat16:
      store_one(static_cast<bfloat16*>(p) + i, (float)value);
      break;
    case DType::float16:
      store_one(static_cast<float16*>(p) + i, (float)value);
      break;
    case DType::int32:
      static_cast<int32_t*>(p)[i] = (int32_t)within(value, -2147483648.0, 2147483647.0);
      break;
    case DType::uint8:
      static_cast<uint8_t*>(p)[i] = (uint8_t)within(value, 0, 255);
      break;
  }
}

bool is_float(DType dtype) { return dtype != DType::int32 && dtype != DType::uint8; }

}  // namespace

void convert(const Context& context, const void* src, DType src_dtype, void* dst, DType dst_dtype,
             int64_t n) {
  if (src_dtype == dst_dtype) return copy_bytes(context, src, dst, n * bytes_of(src_dtype));
  by_float_dtype(src_dtype, [&](auto s) EVERLEARN_LAMBDA {
    by_float_dtype(dst_dtype, [&](auto d) EVERLEARN_LAMBDA {
      convert_floats(context, static_cast<const decltype(s)*>(src), static_cast<decltype(d)*>(dst), n);
    });
  });
}

void copy(const Context& context, const Copy& op) {
  const int64_t n = size_of(op.x);
  if (op.x.dtype == op.y.dtype || (is_float(op.x.dtype) && is_float(op.y.dtype)))
    return convert(context, op.x.data, op.x.dtype, op.y.data, op.y.dtype, n);
  for (int64_t i = 0; i < n; ++i)
    write_number(op.y.data, op.y.dtype, i, read_number(op.x.data, op.x.dtype, i));
}

void fill(const Context& context, const Fill& op) {
  const int64_t n = size_of(op.y), bytes = bytes_of(op.y.dtype);
  if (n == 0) return;
  uint32_t pattern = 0;  // the value's bytes, repeated to four
  write_number(&pattern, op.y.dtype, 0, op.value);
  if (bytes == 1) pattern *= 0x01010101u;
  if (bytes == 2) pattern *= 0x00010001u;
  char* y = data<char>(op.y);
  const int64_t words = n * bytes / 4;
  parallel(context, (words + kWidth - 1) / kWidth, kWidth,
           [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
             const int64_t from = begin * kWidth, to = end * kWidth < words ? end * kWidth : words;
             const U value = U{} + pattern;
             columns(to - from, [&](int64_t k, auto lanes_here) EVERLEARN_LAMBDA {
               memcpy(y + (from + k) * 4, &value, 4 * lanes(lanes_here));
             });
           });
  memcpy(y + words * 4, &pattern, n * bytes - words * 4);
}

void transpose(const Context& context, const void* src, int64_t rows, int64_t columns, DType src_dtype,
               void* dst, DType dst_dtype) {
  if (rows == 0 || columns == 0) return;
  by_float_dtype(src_dtype, [&](auto s) EVERLEARN_LAMBDA {
    by_float_dtype(dst_dtype, [&](auto d) EVERLEARN_LAMBDA {
      const auto* from = static_cast<const decltype(s)*>(src);
      auto* to = static_cast<decltype(d)*>(dst);
      // A strip of kStrip source rows: its lines of dst are written whole before they leave the cache.
      constexpr int64_t kStrip = 4 * 16;
      parallel(context, (rows + kStrip - 1) / kStrip, kStrip * columns,
               [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
                 const int64_t last = end * kStrip < rows ? end * kStrip : rows;
                 for (int64_t strip = begin * kStrip; strip < last; strip += kStrip) {
                   const int64_t strip_end = strip + kStrip < last ? strip + kStrip : last;
                   for (int64_t j = 0; j < columns; j += kWidth) {
                     const int width = (int)(columns - j < kWidth ? columns - j : kWidth);
                     for (int64_t i = strip; i < strip_end; i += kWidth) {
                       const int height = (int)(strip_end - i < kWidth ? strip_end - i : kWidth);
                       const auto* source = from + i * columns + j;
                       auto* target = to + j * rows + i;
                       if (width == kWidth && height == kWidth)
                         transpose_tile(Full{}, Full{}, source, columns, target, rows, Full{});
                       else
                         transpose_tile(Partial{height}, Partial{width}, source, columns, target, rows,
                                        Partial{height});
                     }
                   }
                 }
               });
    });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
