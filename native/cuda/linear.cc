#include "linear.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <string>

#include "../dtype.h"
#include "compute_copies.h"
#include "ops.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

cudaDataType_t type_of(DType dtype) {
  if (dtype == DType::bfloat16) return CUDA_R_16BF;
  return dtype == DType::float16 ? CUDA_R_16F : CUDA_R_32F;
}

// The largest power of two up to 128 that divides an address: what cuBLASLt may assume. Parameters begin at
// multiples of 64 values, so that all of one shape have one plan.
uint32_t alignment(const void* data) {
  const auto address = reinterpret_cast<uintptr_t>(data);
  return static_cast<uint32_t>(std::min<uintptr_t>(address & (~address + 1), 128));
}

View vector_view(void* data, int64_t size, DType dtype) {
  View view;
  view.data = data;
  view.shape[0] = size;
  view.rank = 1;
  view.dtype = dtype;
  return view;
}

}  // namespace

Linears::Linears(State& state)
    : state_(state),
      library_(libraries()),
      // What NVIDIA advises: 32 MiB on Hopper and later, 4 MiB before.
      workspace_(size_t{state.properties.capability >= 90 ? 32u : 4u} << 20) {
  check(library_.cublasLtCreate(&handle_), "opening cuBLASLt");
}

Linears::~Linears() {
  for (auto& [key, plan] : plans_) {
    library_.cublasLtMatrixLayoutDestroy(plan.a);
    library_.cublasLtMatrixLayoutDestroy(plan.b);
    library_.cublasLtMatrixLayoutDestroy(plan.d);
    library_.cublasLtMatmulDescDestroy(plan.description);
  }
  if (handle_) library_.cublasLtDestroy(handle_);
}

Linears::Plan Linears::make_plan(const Product& product) const {
  Plan plan;
  constexpr const char* kWhat = "planning a product";
  check(library_.cublasLtMatmulDescCreate(&plan.description, CUBLAS_COMPUTE_32F, CUDA_R_32F), kWhat);
  const auto describe = [&](cublasLtMatmulDescAttributes_t attribute, const auto& value) {
    check(library_.cublasLtMatmulDescSetAttribute(plan.description, attribute, &value, sizeof value), kWhat);
  };
  describe(CUBLASLT_MATMUL_DESC_TRANSA, product.a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  describe(CUBLASLT_MATMUL_DESC_TRANSB, product.b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  describe(CUBLASLT_MATMUL_DESC_EPILOGUE, product.epilogue);
  if (product.epilogue != CUBLASLT_EPILOGUE_DEFAULT) {
    describe(CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias);
    describe(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, static_cast<int32_t>(type_of(product.out)));
  }
  const auto layout = [&](cublasLtMatrixLayout_t* made, DType dtype, int64_t rows, int64_t columns) {
    check(library_.cublasLtMatrixLayoutCreate(made, type_of(dtype), static_cast<uint64_t>(rows),
                                              static_cast<uint64_t>(columns), rows),
          kWhat);
  };
  layout(&plan.a, product.in, product.a_transposed ? product.depth : product.rows,
         product.a_transposed ? product.rows : product.depth);
  layout(&plan.b, product.in, product.b_transposed ? product.columns : product.depth,
         product.b_transposed ? product.depth : product.columns);
  layout(&plan.d, product.out, product.rows, product.columns);

  cublasLtMatmulPreference_t preference = nullptr;
  check(library_.cublasLtMatmulPreferenceCreate(&preference), kWhat);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    check(library_.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value), kWhat);
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64_t{workspace_});
  // Partial sums stay float32 and are added in one order.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
         static_cast<uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(product.a));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(product.b));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment(product.d));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment(product.d));
  cublasLtMatmulHeuristicResult_t best{};
  int found = 0;
  const cublasStatus_t status = library_.cublasLtMatmulAlgoGetHeuristic(
      handle_, plan.description, plan.a, plan.b, plan.d, plan.d, preference, 1, &best, &found);
  library_.cublasLtMatmulPreferenceDestroy(preference);
  if (status != CUBLAS_STATUS_NOT_SUPPORTED && status != CUBLAS_STATUS_INVALID_VALUE) check(status, kWhat);
  plan.usable = status == CUBLAS_STATUS_SUCCESS && found > 0;
  plan.algorithm = best.algo;
  plan.workspace = best.workspaceSize;
  return plan;
}

const Linears::Plan& Linears::plan_of(const Product& product) {
  const Key key = {product.rows,
                   product.columns,
                   product.depth,
                   product.a_transposed,
                   product.b_transposed,
                   static_cast<int64_t>(product.in),
                   static_cast<int64_t>(product.out),
                   product.accumulate,
                   product.epilogue,
                   alignment(product.a),
                   alignment(product.b),
                   alignment(product.d),
                   product.epilogue == CUBLASLT_EPILOGUE_DEFAULT ? 0 : alignment(product.bias)};
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  return plans_.emplace(key, make_plan(product)).first->second;
}

bool Linears::multiply(const Context& context, const Product& product) {
  const Plan& plan = plan_of(product);
  if (!plan.usable) return false;
  if (product.epilogue != CUBLASLT_EPILOGUE_DEFAULT)
    check(library_.cublasLtMatmulDescSetAttribute(plan.description, CUBLASLT_MATMUL_DESC_BIAS_POINTER,
                                                  &product.bias, sizeof product.bias),
          "multiplying");
  const float alpha = 1, beta = product.accumulate ? 1 : 0;
  void* workspace = plan.workspace ? context.scratch(3, plan.workspace) : nullptr;
  check(library_.cublasLtMatmul(handle_, plan.description, &alpha, product.a, plan.a, product.b, plan.b,
                                &beta, product.d, plan.d, product.d, plan.d, &plan.algorithm, workspace,
                                plan.workspace, state_.compute),
        "multiplying");
  return true;
}

void Linears::multiply_plainly(const Context& context, Product product) {
  product.epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  product.bias = nullptr;
  if (multiply(context, product)) return;
  throw state_error("CUBLAS", "cuBLASLt multiplies no matrices of " + std::to_string(product.rows) + " x " +
                                  std::to_string(product.depth) + " and " + std::to_string(product.depth) +
                                  " x " + std::to_string(product.columns) + " values of " +
                                  info(product.in).name);
}

// Row-major matrices are column-major ones transposed: y^T [N, M] = weight [N, K] x^T [K, M].
void Linears::forward(const Context& context, const Linear& op) {
  const int64_t m = op.x.shape[0], k = op.x.shape[1], n = op.weight.shape[0];
  if (m == 0 || n == 0) return;
  const DType dtype = op.x.dtype;
  ComputeCopies& copies = *state_.copies;
  const View weight = copies.of(context, op.weight, dtype), bias = copies.of(context, op.bias, dtype);
  const Product product = {weight.data, op.x.data, op.y.data,
                           n,           m,         k,
                           true,        false,     dtype,
                           dtype,       false,     bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT,
                           bias.data};
  if (multiply(context, product)) return;
  multiply_plainly(context, product);
  if (!op.bias) return;
  BiasActivation add_bias;
  add_bias.x = add_bias.y = op.y;
  add_bias.bias = op.bias;
  biasActivation(context, add_bias);
}

// dx^T [K, M] = weight^T [K, N] dy^T [N, M]; dweight^T [K, N] = x^T [K, M] dy [M, N], whose epilogue adds
// dy's columns.
void Linears::backward(const Context& context, const LinearBackward& op) {
  const int64_t m = op.x.shape[0], k = op.x.shape[1], n = op.weight.shape[0];
  if (m == 0 || n == 0 || k == 0) return;
  const DType dtype = op.x.dtype;
  if (op.dx) {
    const View weight = state_.copies->of(context, op.weight, dtype);
    multiply_plainly(context, {weight.data, op.dy.data, op.dx.data, k, m, n, false, false, dtype, dtype,
                               op.accumulate, CUBLASLT_EPILOGUE_DEFAULT, nullptr});
  }
  bool bias_done = !op.dbias;
  if (op.dweight) {
    Product product = {
        op.x.data,      op.dy.data, op.dweight.data,           k,      n, m, false, true, dtype,
        DType::float32, true,       CUBLASLT_EPILOGUE_DEFAULT, nullptr};
    if (op.dbias) {
      const View sums =
          vector_view(context.scratch(2, static_cast<size_t>(n) * sizeof(float)), n, DType::float32);
      product.epilogue = CUBLASLT_EPILOGUE_BGRADB;
      product.bias = sums.data;
      bias_done = multiply(context, product);
      if (bias_done) {
        Add accumulate;
        accumulate.a = accumulate.y = op.dbias;
        accumulate.b = sums;
        add(context, accumulate);
      } else {
        multiply_plainly(context, product);
      }
    } else {
      multiply_plainly(context, product);
    }
  }
  if (bias_done) return;
  BiasActivationBackward column_sums;
  column_sums.dy = op.dy;
  column_sums.dbias = op.dbias;
  biasActivationBackward(context, column_sums);
}

void linear(const Context& context, const Linear& op) { state_of(context).linears->forward(context, op); }

void linearBackward(const Context& context, const LinearBackward& op) {
  state_of(context).linears->backward(context, op);
}

}  // namespace everlearn::cuda
