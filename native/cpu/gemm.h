// Matrix products. On AVX-512 they are oneDNN's: primitives are made once per shape, weights are packed once
// per version. Below it they are our own: oneDNN's would depend there on the number of threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "isa.h"

namespace everlearn::cpu {

// A row-major matrix, read as its transpose when `transposed`.
struct Matrix {
  const void* data;
  bool transposed = false;
};

class Gemm {
 public:
  Gemm(const Context& context, const IsaLevel& level);

  // The dtype in which products of `dtype` values run: bfloat16 where the machine has it, else float32.
  DType arithmetic(DType dtype) const;

  // c[m, n] (+)= a[m, k] b[k, n] (+ bias[n]), a and b of `dtype`, float32 accumulation; c of `result`.
  void multiply(int64_t m, int64_t n, int64_t k, DType dtype, Matrix a, Matrix b, const float* bias, void* c,
                DType result, bool accumulate);
  // The same with b = weight^T (weight is [n, k]), or b = weight ([k, n]) when `transposed` is false; the
  // weight is float32 and, where oneDNN multiplies, its packed form is kept until its version changes.
  void multiply_weight(int64_t m, int64_t n, int64_t k, DType dtype, const void* a, const View& weight,
                       bool transposed, const float* bias, void* c, bool accumulate);

  // Drops packed forms of weights in a storage that is gone.
  void forget(uint64_t storage);

  const Context& context() const { return context_; }
  const KernelHelpers& helpers() const { return *level_.helpers(); }
  const BackendTable& kernels() const { return *level_.table(); }

 private:
  struct Key {
    int64_t m, n, k;
    int64_t a_leading;  // elements between the stored rows of a
    int dtype, result, a_transposed, b_form, bias, accumulate;
    auto operator<=>(const Key&) const = default;
  };
  struct Primitive {
    dnnl::matmul::primitive_desc description;
    dnnl::matmul primitive;
  };
  struct Packed {
    dnnl::memory memory;
    uint64_t version = 0;
    DType dtype;
    bool transposed;
    int64_t rows, columns;
  };

  const Primitive& primitive(const Key& key);
  void execute(const Primitive& primitive, const void* a, const dnnl::memory& b, const float* bias, void* c);
  const dnnl::memory& packed(const View& weight, bool transposed, DType dtype,
                             const dnnl::memory::desc& wanted);

  const Context& context_;
  const IsaLevel& level_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::map<Key, Primitive> primitives_;
  std::unordered_map<uint64_t, std::map<const void*, std::vector<Packed>>> packed_;
};

}  // namespace everlearn::cpu
