// Tensors of the tests, their 16-bit values by arithmetic on doubles.
#include "harness.h"

#include <algorithm>

namespace test {

double from_half_bits(uint16_t bits, DType dtype) {
  const int mantissa_bits = dtype == DType::bfloat16 ? 7 : 10, exponent_bits = 15 - mantissa_bits;
  const int exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1),
            bias = (1 << (exponent_bits - 1)) - 1;
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
}

uint16_t to_half_bits(double value, DType dtype) {
  const int mantissa_bits = dtype == DType::bfloat16 ? 7 : 10, exponent_bits = 15 - mantissa_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1, infinity = ((1 << exponent_bits) - 1) << mantissa_bits;
  const int sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return (uint16_t)(infinity | 1 << (mantissa_bits - 1));
  value = std::fabs(value);
  if (std::isinf(value)) return (uint16_t)(sign | infinity);
  int exponent = value > 0 ? std::ilogb(value) : -10000;
  exponent = std::max(exponent, 1 - bias);
  const double scaled = std::nearbyint(std::ldexp(value, mantissa_bits - exponent));
  const double bits = scaled + std::ldexp(exponent + bias - 1, mantissa_bits);
  return (uint16_t)(sign | (bits >= infinity ? infinity : (int)bits));
}

int64_t Tensor::size() const {
  int64_t n = 1;
  for (int64_t d : shape) n *= d;
  return n;
}
int64_t Tensor::byte_size() const {
  return size() * (dtype == DType::uint8 ? 1 : dtype == DType::float32 || dtype == DType::int32 ? 4 : 2);
}
double Tensor::get(int64_t i) const {
  const char* p = bytes.get();
  switch (dtype) {
    case DType::float32:
      return ((const float*)p)[i];
    case DType::int32:
      return ((const int32_t*)p)[i];
    case DType::uint8:
      return ((const uint8_t*)p)[i];
    default:
      return from_half_bits(((const uint16_t*)p)[i], dtype);
  }
}
void Tensor::set(int64_t i, double value) {
  char* p = bytes.get();
  switch (dtype) {
    case DType::float32:
      ((float*)p)[i] = (float)value;
      break;
    case DType::int32:
      ((int32_t*)p)[i] = (int32_t)value;
      break;
    case DType::uint8:
      ((uint8_t*)p)[i] = (uint8_t)value;
      break;
    default:
      ((uint16_t*)p)[i] = to_half_bits(value, dtype);
  }
}
std::vector<double> Tensor::values() const {
  std::vector<double> all(size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = get(i);
  return all;
}
View Tensor::view() const {
  View v;
  if (!bytes) return v;
  v.data = bytes.get();
  v.rank = (int)shape.size();
  for (size_t i = 0; i < shape.size(); ++i) v.shape[i] = shape[i];
  v.dtype = dtype;
  return v;
}

Tensor make(std::vector<int64_t> shape, DType dtype, double value) {
  Tensor t{std::move(shape), dtype, nullptr};
  t.bytes = std::shared_ptr<char[]>(new char[t.byte_size()]);
  for (int64_t i = 0; i < t.size(); ++i) t.set(i, value);
  return t;
}
Tensor make(std::vector<int64_t> shape, DType dtype, const std::vector<double>& values) {
  Tensor t = make(std::move(shape), dtype);
  for (int64_t i = 0; i < t.size(); ++i) t.set(i, values[i]);
  return t;
}
Tensor clone(const Tensor& t) {
  Tensor copy = make(t.shape, t.dtype);
  std::memcpy(copy.bytes.get(), t.bytes.get(), t.byte_size());
  return copy;
}
bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.byte_size() == b.byte_size() && std::memcmp(a.bytes.get(), b.bytes.get(), a.byte_size()) == 0;
}

}  // namespace test
