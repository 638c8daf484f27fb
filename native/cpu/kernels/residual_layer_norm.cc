// y = LayerNorm(dropout(x + bias) + residual) and its backward: one pass over memory each, the row in between
// held in the first-level cache. The backward makes the LayerNorm's input and the mask again; its sums over
// rows (dgamma, dbeta, dbias) go through fixed chunks of rows.
#include "layer_norm_row.h"
#include "philox.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

struct Shape {
  int64_t rows, columns, width;  // width: columns padded to what a mask row takes
};
EVERLEARN_INLINE Shape shape_of(const View& x) {
  return {x.shape[0], x.shape[1], padded(x.shape[1], 4 * kWidth)};
}

template <class T>
EVERLEARN_INLINE void forward(const Context& context, const ResidualLayerNorm& op) {
  const Shape s = shape_of(op.x);
  const DropoutSite site = dropout_site(op);
  const T *x = data<T>(op.x), *residual = data<T>(op.residual);
  const float *bias = data<float>(op.bias), *gamma = data<float>(op.gamma), *beta = data<float>(op.beta);
  T* y = data<T>(op.y);
  float *means = data<float>(op.mean), *rstds = data<float>(op.rstd);
  const float eps = op.eps;
  float* buffers = scratch_floats(context, 0, context.threads * 2 * s.width);
  parallel(context, s.rows, 2 * s.columns, [=](int64_t begin, int64_t end, int thread) EVERLEARN_LAMBDA {
    float *values = buffers + thread * 2 * s.width, *factors = values + s.width;
    if (!site.active) fill_ones(s.width, factors);
    for (int64_t i = begin; i < end; ++i) {
      const T *x_row = x + i * s.columns, *residual_row = residual + i * s.columns;
      if (site.active) dropout_row(site, i, 0, s.columns, factors);
      F sums[4] = {};
      columns4(s.columns, [&](int64_t j, auto lanes, int a) EVERLEARN_LAMBDA {
        F v = load(x_row + j, lanes);
        if (bias) v += load(bias + j, lanes);
        v *= load(factors + j, Full{});
        if (residual) v += load(residual_row + j, lanes);
        store(values + j, v, Full{});
        sums[a] += v;
      });
      const RowMoments m = moments_of(values, s.columns, sum_of(total(sums)), eps);
      means[i] = m.mean;
      rstds[i] = m.rstd;
      columns(s.columns, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
        const F normal = (load(values + j, Full{}) - m.mean) * m.rstd;
        store(y + i * s.columns + j, normal * load(gamma + j, lanes) + load(beta + j, lanes), lanes);
      });
    }
  });
}

template <class T>
EVERLEARN_INLINE void backward(const Context& context, const ResidualLayerNormBackward& op) {
  const Shape s = shape_of(op.x);
  const DropoutSite site = dropout_site(op);
  const T *dy = data<T>(op.dy), *x = data<T>(op.x), *residual = data<T>(op.residual);
  const float *bias = data<float>(op.bias), *gamma = data<float>(op.gamma);
  const float *means = data<float>(op.mean), *rstds = data<float>(op.rstd);
  T *dx = data<T>(op.dx), *dresidual = data<T>(op.dresidual);
  const bool accumulate = op.accumulate, want_dbias = op.dbias.data != nullptr;
  const Chunks chunks = chunks_of(s.rows);
  float* buffers = scratch_floats(context, 0, context.threads * 3 * s.width);
  float* partials = scratch_floats(context, 1, chunks.count * 3 * s.width);
  parallel(context, chunks.count, 4 * chunks.size * s.columns,
           [=](int64_t begin, int64_t end, int thread) EVERLEARN_LAMBDA {
             float *g = buffers + thread * 3 * s.width, *normal = g + s.width, *factors = normal + s.width;
             if (!site.active) fill_ones(s.width, factors);
             for (int64_t chunk = begin; chunk < end; ++chunk) {
               float *dgamma = partials + chunk * 3 * s.width, *dbeta = dgamma + s.width,
                     *dbias = dbeta + s.width;
               memset(dgamma, 0, 3 * s.width * sizeof(float));
               for (int64_t i = chunk * chunks.size; i < chunk_end(chunks, chunk); ++i) {
                 const int64_t at = i * s.columns;
                 if (site.active) dropout_row(site, i, 0, s.columns, factors);
                 const RowMoments m = {means[i], rstds[i]};
                 const RowGradient r = layer_norm_backward(
                     s.columns, m, gamma, g, normal, dgamma, dbeta,
                     [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
                       F v = load(x + at + j, lanes);
                       if (bias) v += load(bias + j, lanes);
                       v *= load(factors + j, Full{});
                       if (residual) v += load(residual + at + j, lanes);
                       return v;
                     },
                     [&](int64_t j, auto lanes) EVERLEARN_LAMBDA { return load(dy + at + j, lanes); });
                 columns(s.columns, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
                   const F dv = layer_norm_gradient(j, m, r, g, normal);
                   const F dropped = dv * load(factors + j, Full{});
                   if (want_dbias) store(dbias + j, load(dbias + j, lanes) + dropped, lanes);
                   if (dresidual)
                     store(dresidual + at + j, accumulate ? dv + load(dresidual + at + j, lanes) : dv, lanes);
                   if (dx) store(dx + at + j, dropped, lanes);
                 });
               }
             }
           });
  const int64_t stride = 3 * s.width;
  add_partials(context, partials, stride, chunks.count, data<float>(op.dgamma), s.columns);
  add_partials(context, partials + s.width, stride, chunks.count, data<float>(op.dbeta), s.columns);
  add_partials(context, partials + 2 * s.width, stride, chunks.count, data<float>(op.dbias), s.columns);
}

}  // namespace

void residualLayerNorm(const Context& context, const ResidualLayerNorm& op) {
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA { forward<decltype(type)>(context, op); });
}

void residualLayerNormBackward(const Context& context, const ResidualLayerNormBackward& op) {
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA { backward<decltype(type)>(context, op); });
}

}  // namespace everlearn::EVERLEARN_CPU
