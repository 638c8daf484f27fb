// y = LayerNorm(dropout(x + bias) + residual) and its backward, which makes the LayerNorm's input and the
// mask again.
#include "dropout_site.h"
#include "layer_norm.h"

namespace everlearn::cuda {

namespace {

template <class T>
struct Residual {
  const T *x, *residual;
  const float* bias;
  DropoutSite site;
  int64_t n;
  const T* dy;  // from here on: the backward's
  T *dx, *dresidual;
  bool accumulate;

  __device__ bool counts(int64_t) const { return true; }

  template <int N>
  __device__ __forceinline__ uint32_t values(int64_t row, int64_t j, float (&v)[N]) const {
    const uint32_t kept = kept_columns<N>(site, row, j);
    load(x + row * n + j, v);
    if (bias) {
      float b[N];
      load(bias + j, b);
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] += b[i];
    }
    drop(kept, site.scale, v);
    if (residual) {
      float r[N];
      load(residual + row * n + j, r);
#pragma unroll
      for (int i = 0; i < N; ++i) v[i] += r[i];
    }
    return kept;
  }
  template <int N>
  __device__ __forceinline__ void finish(int64_t, int64_t, float (&)[N]) const {}

  template <int N>
  __device__ __forceinline__ uint32_t inputs(int64_t row, int64_t j, float (&v)[N], float (&d)[N]) const {
    load(dy + row * n + j, d);
    return values(row, j, v);
  }
  template <int N>
  __device__ __forceinline__ void outputs(int64_t row, int64_t j, float (&dv)[N], uint32_t kept,
                                          float (&sums)[N]) const {
    if (dresidual) {
      float sum[N];
#pragma unroll
      for (int i = 0; i < N; ++i) sum[i] = 0;
      if (accumulate) load(dresidual + row * n + j, sum);
#pragma unroll
      for (int i = 0; i < N; ++i) sum[i] += dv[i];
      store(dresidual + row * n + j, sum);
    }
    drop(kept, site.scale, dv);
#pragma unroll
    for (int i = 0; i < N; ++i) sums[i] += dv[i];
    if (dx) store(dx + row * n + j, dv);
  }
};

}  // namespace

void residualLayerNorm(const Context& context, const ResidualLayerNorm& op) {
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    const LayerNormRows<T> rows = {op.x.shape[0],        op.x.shape[1], data<float>(op.gamma),
                                   data<float>(op.beta), data<T>(op.y), data<float>(op.mean),
                                   data<float>(op.rstd), op.eps};
    const Residual<T> source = {data<T>(op.x),
                                data<T>(op.residual),
                                data<float>(op.bias),
                                dropout_site(op),
                                rows.n,
                                nullptr,
                                nullptr,
                                nullptr,
                                false};
    normalise(context, rows, source,
              vectors_fit<T>(rows.n, source.x, source.residual, source.bias, rows.gamma, rows.beta, rows.y));
  });
  check_launch("residualLayerNorm");
}

void residualLayerNormBackward(const Context& context, const ResidualLayerNormBackward& op) {
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    const int64_t n = op.x.shape[1];
    const Residual<T> source = {
        data<T>(op.x),  data<T>(op.residual), data<float>(op.bias),  dropout_site(op), n,
        data<T>(op.dy), data<T>(op.dx),       data<T>(op.dresidual), op.accumulate};
    const bool fit = vectors_fit<T>(n, source.x, source.residual, source.bias, source.dy, source.dx,
                                    source.dresidual, data<float>(op.gamma));
    normalise_backward<T>(context, op.x.shape[0], n, op.gamma, op.mean, op.rstd, source, fit,
                          {{data<float>(op.dgamma), data<float>(op.dbeta), data<float>(op.dbias)}});
  });
  check_launch("residualLayerNormBackward");
}

}  // namespace everlearn::cuda
