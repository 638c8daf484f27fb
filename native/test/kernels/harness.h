// What the kernel tests share: checks, tensors with a double view of their values, levels, random numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../../cpu/kernels/helpers.h"
#include "../../ops.h"

namespace test {

using namespace everlearn;

// ---- checks: a case is a name; a failed check prints and counts
void begin(const std::string& name);
void check(bool holds, const std::string& what);
int finish();  // exit code

// ---- tensors
double from_half_bits(uint16_t bits, DType dtype);
uint16_t to_half_bits(double value, DType dtype);  // to nearest even, by arithmetic on doubles

struct Tensor {
  std::vector<int64_t> shape;
  DType dtype = DType::float32;
  std::shared_ptr<char[]> bytes;  // exactly as many as needed, so that the sanitizer sees what lies beyond

  int64_t size() const;
  int64_t byte_size() const;
  double get(int64_t i) const;
  void set(int64_t i, double value);
  std::vector<double> values() const;
  View view() const;
};
Tensor make(std::vector<int64_t> shape, DType dtype, double value = 0);
Tensor make(std::vector<int64_t> shape, DType dtype, const std::vector<double>& values);
Tensor clone(const Tensor& t);
bool same_bytes(const Tensor& a, const Tensor& b);

// Reproducible draws.
struct Random {
  uint64_t state;
  double uniform();  // [0, 1)
  double normal();
  int64_t below(int64_t n);
  std::vector<double> normals(int64_t n, double scale = 1);
};
Tensor normal(Random& random, std::vector<int64_t> shape, DType dtype, double scale = 1);

constexpr DType kFloats[] = {DType::float32, DType::bfloat16, DType::float16};
const char* name_of(DType dtype);
double rounding(DType dtype);  // relative size of a rounding error that a norm of differences may have

// norm(a - b) / norm(b); checks that it is at most `most`.
void check_close(const Tensor& got, const std::vector<double>& wanted, double most, const std::string& what);

// ---- levels
struct Level {
  std::string name;
  const BackendTable* table;
  const KernelHelpers* helpers;
};
const std::vector<Level>& levels();  // those this machine has; helpers may be null

Context context_of(int threads);
void* scratch(int slot, size_t bytes);  // of every context: filled with NaN

// Runs with 1, 2 and 3 threads (on the CUDA shim: orders of the blocks and their threads), checks that all
// outputs agree to the bit, and returns those of the first.
using Outputs = std::vector<Tensor>;
Outputs run(const std::function<Outputs(const Context&)>& body);

// ---- dropout as ops.h writes it
struct Words {
  uint32_t word[4];
};
Words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t key);
struct Site {
  Tensor rows, step;
  int64_t seed = 0x123456789abcdef;
  uint32_t site = 77;
  float probability = 0;

  double factor(int64_t row, uint32_t block, int64_t word) const;
  double factor(int64_t row, int64_t column) const { return factor(row, (uint32_t)(column / 4), column % 4); }
  void apply(Dropout& op) const;
};
Site site_of(int64_t rows, double probability);

// ---- gradients
// Checks a gradient against finite differences of `loss`, along single values and along random directions.
void check_gradient(std::vector<double>& input, const std::vector<double>& gradient,
                    const std::function<double()>& loss, double most, const std::string& what);
std::vector<double> difference(const Tensor& after, const std::vector<double>& before);

// ---- the cases
void test_elementwise();
void test_layout();
void test_random();
void test_rows();
void test_layer_norm();
void test_embedding();
void test_activations();
void test_attention();
void test_lstm();
void test_losses();
void test_optimiser();
void test_product();

}  // namespace test
