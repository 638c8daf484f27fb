// linear: y = x weight^T + bias, and its backward. What the products do not
// take (float16 everywhere, bfloat16 without AVX512_BF16) is converted and runs in float32.
#include "linear.h"

#include "../dtype.h"
#include "gemm.h"

namespace everlearn::cpu {

namespace {

Gemm& gemm_of(const Context& context) { return *static_cast<Gemm*>(context.state); }

int64_t elements(const View& view) { return view.shape[0] * view.shape[1]; }

// The values of `view` in `arithmetic`: itself, or converted into scratch.
const void* values(const Gemm& gemm, const View& view, DType arithmetic, int slot) {
  if (view.dtype == arithmetic) return view.data;
  void* converted = gemm.context().scratch(slot, elements(view) * info(arithmetic).bytes);
  gemm.helpers().convert(gemm.context(), view.data, view.dtype, converted, arithmetic, elements(view));
  return converted;
}

// Where a product in `arithmetic` is written whose place is `view`; finish() puts it there.
struct Result {
  Result(const Gemm& gemm, const View& view, DType arithmetic, int slot, bool accumulate)
      : gemm(gemm), view(view), arithmetic(arithmetic), data(view.data) {
    if (view.dtype == arithmetic) return;
    data = gemm.context().scratch(slot, elements(view) * info(arithmetic).bytes);
    if (accumulate)
      gemm.helpers().convert(gemm.context(), view.data, view.dtype, data, arithmetic, elements(view));
  }
  void finish() const {
    if (data != view.data)
      gemm.helpers().convert(gemm.context(), data, arithmetic, view.data, view.dtype, elements(view));
  }
  const Gemm& gemm;
  const View& view;
  DType arithmetic;
  void* data;
};

}  // namespace

void linear(const Context& context, const Linear& op) {
  Gemm& gemm = gemm_of(context);
  const int64_t m = op.x.shape[0], k = op.x.shape[1], n = op.weight.shape[0];
  if (m == 0 || n == 0) return;
  const DType arithmetic = gemm.arithmetic(op.x.dtype);
  const void* x = values(gemm, op.x, arithmetic, 0);
  const Result y(gemm, op.y, arithmetic, 1, false);
  gemm.multiply_weight(m, n, k, arithmetic, x, op.weight, true, static_cast<const float*>(op.bias.data),
                       y.data, false);
  y.finish();
}

void linear_backward(const Context& context, const LinearBackward& op) {
  Gemm& gemm = gemm_of(context);
  const int64_t m = op.x.shape[0], k = op.x.shape[1], n = op.weight.shape[0];
  if (n == 0 || k == 0) return;
  if (m == 0) return;
  const DType arithmetic = gemm.arithmetic(op.x.dtype);
  const void* dy = values(gemm, op.dy, arithmetic, 0);
  if (op.dx) {
    const Result dx(gemm, op.dx, arithmetic, 1, op.accumulate);
    gemm.multiply_weight(m, k, n, arithmetic, dy, op.weight, false, nullptr, dx.data, op.accumulate);
    dx.finish();
  }
  if (op.dweight) {
    const void* x = values(gemm, op.x, arithmetic, 1);
    gemm.multiply(n, k, m, arithmetic, {dy, true}, {x}, nullptr, op.dweight.data, DType::float32, true);
  }
  if (op.dbias) {
    BiasActivationBackward bias;
    bias.dy = op.dy;
    bias.dbias = op.dbias;
    gemm.kernels().biasActivationBackward(context, bias);
  }
}

}  // namespace everlearn::cpu
