// linear and its backward through cuBLASLt: plans.
#pragma once

#include <map>
#include <vector>

#include "context.h"
#include "libraries.h"

namespace everlearn::cuda {

class Linears {
 public:
  explicit Linears(State& state);
  Linears(const Linears&) = delete;
  Linears& operator=(const Linears&) = delete;
  ~Linears();

  void forward(const Context& context, const Linear& op);
  void backward(const Context& context, const LinearBackward& op);

 private:
  // A product d = alpha a b (+ d), as cuBLASLt sees it (column-major): a is [rows, depth], b [depth,
  // columns], either given transposed.
  struct Product {
    const void *a, *b;
    void* d;
    int64_t rows, columns, depth;
    bool a_transposed, b_transposed;
    DType in, out;
    bool accumulate;
    cublasLtEpilogue_t epilogue;
    void* bias;  // of the epilogue, of type `out`
  };
  struct Plan {
    cublasLtMatmulDesc_t description = nullptr;
    cublasLtMatrixLayout_t a = nullptr, b = nullptr, d = nullptr;
    cublasLtMatmulAlgo_t algorithm;
    size_t workspace = 0;
    bool usable = false;  // false: cuBLASLt has nothing for it
  };
  using Key = std::vector<int64_t>;

  // False: cuBLASLt has no algorithm with this epilogue, and nothing was launched.
  bool multiply(const Context& context, const Product& product);
  // The same without an epilogue; throws when there is none either.
  void multiply_plainly(const Context& context, Product product);
  const Plan& plan_of(const Product& product);
  Plan make_plan(const Product& product) const;

  State& state_;
  const Libraries& library_;
  cublasLtHandle_t handle_ = nullptr;
  size_t workspace_;
  std::map<Key, Plan> plans_;
};

}  // namespace everlearn::cuda
