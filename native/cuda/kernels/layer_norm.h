// LayerNorm of rows and its backward, shared by the residual and the embedding form, which differ in where a
// row comes from and where its gradient goes: a Source, with
//   counts(row)                                  whether the row is one
//   values<N>(row, j, v)                         N values of the LayerNorm's input
//   finish<N>(row, j, y)                         changes N outputs before they are stored
//   inputs<N>(row, j, v, dy) -> kept             for the backward: also the gradient, and the dropout bits
//   outputs<N>(row, j, dv, kept, sums)           takes the input's gradient; adds to the third sum over rows
// Rows of whole vectors of at most 1024 columns are a warp's, held in registers; others a block's, read again
// for each pass.
#pragma once

#include "reduce.h"

namespace everlearn::cuda {

template <class T>
struct LayerNormRows {
  int64_t rows, n;
  const float *gamma, *beta;
  T* y;
  float *mean, *rstd;
  float eps;
};

constexpr int kRowWarps = 4;
constexpr int kRowBlock = 256;

// ---- forward
// L values a lane, in vectors of 16 bytes of T.
template <class T, int L, class Source>
__global__ void __launch_bounds__(kWarp* kRowWarps) normalise_by_warp(LayerNormRows<T> a, Source source) {
  constexpr int N = kVector<T>, K = L / N;
  const int lane = threadIdx.x;
  for (int64_t row = (int64_t)blockIdx.x * kRowWarps + threadIdx.y; row < a.rows;
       row += (int64_t)gridDim.x * kRowWarps) {
    const bool counts = source.counts(row);
    float v[K][N];
    float sum = 0, squares = 0;
#pragma unroll
    for (int k = 0; k < K; ++k) {
      const int64_t j = (k * kWarp + lane) * N;
#pragma unroll
      for (int i = 0; i < N; ++i) v[k][i] = 0;
      if (counts && j < a.n) source.values(row, j, v[k]);
#pragma unroll
      for (int i = 0; i < N; ++i) sum += v[k][i];
    }
    const float mean = warp_sum(sum) / (float)a.n;
#pragma unroll
    for (int k = 0; k < K; ++k)
      if ((k * kWarp + lane) * N < a.n)
#pragma unroll
        for (int i = 0; i < N; ++i) squares += (v[k][i] - mean) * (v[k][i] - mean);
    const float rstd = 1.0f / sqrtf(warp_sum(squares) / (float)a.n + a.eps);
    if (lane == 0) {
      a.mean[row] = counts ? mean : 0;
      a.rstd[row] = counts ? rstd : 0;
    }
#pragma unroll
    for (int k = 0; k < K; ++k) {
      const int64_t j = (k * kWarp + lane) * N;
      if (j >= a.n) continue;
      if (counts) {
        float gamma[N], beta[N];
        load(a.gamma + j, gamma);
        load(a.beta + j, beta);
#pragma unroll
        for (int i = 0; i < N; ++i) v[k][i] = (v[k][i] - mean) * rstd * gamma[i] + beta[i];
        source.finish(row, j, v[k]);
      }
      store(a.y + row * a.n + j, v[k]);
    }
  }
}

template <class T, class Source>
__global__ void __launch_bounds__(kRowBlock) normalise_by_block(LayerNormRows<T> a, Source source) {
  for (int64_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
    const bool counts = source.counts(row);
    float v[1], sum = 0, squares = 0;
    for (int64_t j = threadIdx.x; counts && j < a.n; j += kRowBlock) {
      source.values(row, j, v);
      sum += v[0];
    }
    const float mean = block_sum(sum) / (float)a.n;
    for (int64_t j = threadIdx.x; counts && j < a.n; j += kRowBlock) {
      source.values(row, j, v);
      squares += (v[0] - mean) * (v[0] - mean);
    }
    const float rstd = 1.0f / sqrtf(block_sum(squares) / (float)a.n + a.eps);
    if (threadIdx.x == 0) {
      a.mean[row] = counts ? mean : 0;
      a.rstd[row] = counts ? rstd : 0;
    }
    for (int64_t j = threadIdx.x; j < a.n; j += kRowBlock) {
      v[0] = 0;
      if (counts) {
        source.values(row, j, v);
        v[0] = (v[0] - mean) * rstd * a.gamma[j] + a.beta[j];
        source.finish(row, j, v);
      }
      store(a.y + row * a.n + j, v);
    }
  }
}

// ---- backward
// With g = dy * gamma and x the normalised v: dv = rstd * (g - mean(g) - x * mean(g x)). Sums over the rows
// of a chunk, of dy x (dgamma), dy (dbeta) and what outputs() adds, go to partials [chunk][3][n].
constexpr int kSums = 3;
struct LayerNormGradient {
  Chunks chunks;
  int64_t n;
  const float *gamma, *mean, *rstd;
  float* partials;
};

template <class T, int L, class Source>
__global__ void __launch_bounds__(kWarp* kRowWarps) gradient_by_warp(LayerNormGradient a, Source source) {
  constexpr int N = kVector<T>, K = L / N;
  EVERLEARN_SHARED(shared, float[kSums * L][kWarp]);
  const int lane = threadIdx.x, warp = threadIdx.y;
  float sums[kSums][K][N];
#pragma unroll
  for (int s = 0; s < kSums; ++s)
#pragma unroll
    for (int k = 0; k < K; ++k)
#pragma unroll
      for (int i = 0; i < N; ++i) sums[s][k][i] = 0;
  const int64_t from = blockIdx.x * a.chunks.size, to = min(from + a.chunks.size, a.chunks.rows);
  for (int64_t row = from + warp; row < to; row += kRowWarps) {
    if (!source.counts(row)) continue;
    const float mean = a.mean[row], rstd = a.rstd[row];
    float x[K][N], g[K][N], sum_g = 0, sum_gx = 0;
    uint32_t kept[K];
#pragma unroll
    for (int k = 0; k < K; ++k) {
      const int64_t j = (k * kWarp + lane) * N;
      kept[k] = 0;
      if (j >= a.n) continue;
      float gamma[N];
      kept[k] = source.inputs(row, j, x[k], g[k]);
      load(a.gamma + j, gamma);
#pragma unroll
      for (int i = 0; i < N; ++i) {
        const float dy = g[k][i];
        x[k][i] = (x[k][i] - mean) * rstd;
        g[k][i] = dy * gamma[i];
        sums[0][k][i] += dy * x[k][i];
        sums[1][k][i] += dy;
        sum_g += g[k][i];
        sum_gx += g[k][i] * x[k][i];
      }
    }
    const float mean_g = warp_sum(sum_g) / (float)a.n, mean_gx = warp_sum(sum_gx) / (float)a.n;
#pragma unroll
    for (int k = 0; k < K; ++k) {
      const int64_t j = (k * kWarp + lane) * N;
      if (j >= a.n) continue;
#pragma unroll
      for (int i = 0; i < N; ++i) g[k][i] = (g[k][i] - mean_g - x[k][i] * mean_gx) * rstd;
      source.outputs(row, j, g[k], kept[k], sums[2][k]);
    }
  }
  // The warps' sums in order; the last one writes them.
  for (int turn = 0; turn < kRowWarps; ++turn) {
    if (warp == turn) {
#pragma unroll
      for (int s = 0; s < kSums; ++s)
#pragma unroll
        for (int k = 0; k < K; ++k) {
          const int64_t j = (k * kWarp + lane) * N;
#pragma unroll
          for (int i = 0; i < N; ++i) {
            float& slot = shared[(s * K + k) * N + i][lane];
            if (turn > 0) sums[s][k][i] += slot;
            slot = sums[s][k][i];
          }
          if (turn == kRowWarps - 1 && j < a.n)
            store(a.partials + (blockIdx.x * kSums + s) * a.n + j, sums[s][k]);
        }
    }
    __syncthreads();
  }
}

// The chunk's sums lie in the partials themselves, each column one thread's.
template <class Source>
__global__ void __launch_bounds__(kRowBlock) gradient_by_block(LayerNormGradient a, Source source) {
  float* sums = a.partials + blockIdx.x * kSums * a.n;
  for (int64_t j = threadIdx.x; j < a.n; j += kRowBlock)
    for (int s = 0; s < kSums; ++s) sums[s * a.n + j] = 0;
  const int64_t from = blockIdx.x * a.chunks.size, to = min(from + a.chunks.size, a.chunks.rows);
  for (int64_t row = from; row < to; ++row) {
    if (!source.counts(row)) continue;
    const float mean = a.mean[row], rstd = a.rstd[row];
    float x[1], g[1], sum_g = 0, sum_gx = 0;
    for (int64_t j = threadIdx.x; j < a.n; j += kRowBlock) {
      source.inputs(row, j, x, g);
      const float normal = (x[0] - mean) * rstd;
      sums[j] += g[0] * normal;
      sums[a.n + j] += g[0];
      sum_g += g[0] * a.gamma[j];
      sum_gx += g[0] * a.gamma[j] * normal;
    }
    const float mean_g = block_sum(sum_g) / (float)a.n, mean_gx = block_sum(sum_gx) / (float)a.n;
    for (int64_t j = threadIdx.x; j < a.n; j += kRowBlock) {
      const uint32_t kept = source.inputs(row, j, x, g);
      float dv[1] = {(g[0] * a.gamma[j] - mean_g - (x[0] - mean) * rstd * mean_gx) * rstd},
            third[1] = {sums[2 * a.n + j]};
      source.outputs(row, j, dv, kept, third);
      sums[2 * a.n + j] = third[0];
    }
  }
}

// ---- launches; `fit` says that every row the source touches can be read in vectors
template <class T, class Source>
void normalise(const Context& context, const LayerNormRows<T>& a, const Source& source, bool fit) {
  const dim3 block(kWarp, kRowWarps);
  const unsigned blocks = blocks_for(context, a.rows * kWarp, kWarp * kRowWarps);
  if (!fit || a.n > 32 * kWarp)
    launch(context, normalise_by_block<T, Source>, blocks_for(context, a.rows * kRowBlock, kRowBlock),
           kRowBlock, 0, a, source);
  else if (a.n <= 8 * kWarp)
    launch(context, normalise_by_warp<T, 8, Source>, blocks, block, 0, a, source);
  else if (a.n <= 16 * kWarp)
    launch(context, normalise_by_warp<T, 16, Source>, blocks, block, 0, a, source);
  else if (a.n <= 24 * kWarp)
    launch(context, normalise_by_warp<T, 24, Source>, blocks, block, 0, a, source);
  else
    launch(context, normalise_by_warp<T, 32, Source>, blocks, block, 0, a, source);
}

// Takes scratch slot 1.
template <class T, class Source>
void normalise_backward(const Context& context, int64_t rows, int64_t n, const View& gamma, const View& mean,
                        const View& rstd, const Source& source, bool fit, const Targets& targets) {
  const Chunks chunks = chunks_of(rows);
  const LayerNormGradient a = {chunks,
                               n,
                               data<float>(gamma),
                               data<float>(mean),
                               data<float>(rstd),
                               scratch<float>(context, 1, chunks.count * kSums * n)};
  const dim3 block(kWarp, kRowWarps);
  const auto blocks = (unsigned)chunks.count;
  if (!fit || n > 32 * kWarp)
    launch(context, gradient_by_block<Source>, blocks, kRowBlock, 0, a, source);
  else if (n <= 8 * kWarp)
    launch(context, gradient_by_warp<T, 8, Source>, blocks, block, 0, a, source);
  else if (n <= 16 * kWarp)
    launch(context, gradient_by_warp<T, 16, Source>, blocks, block, 0, a, source);
  else if (n <= 24 * kWarp)
    launch(context, gradient_by_warp<T, 24, Source>, blocks, block, 0, a, source);
  else
    launch(context, gradient_by_warp<T, 32, Source>, blocks, block, 0, a, source);
  add_partials(context, a.partials, chunks.count, n, kSums, targets);
}

}  // namespace everlearn::cuda
