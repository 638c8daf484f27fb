// y = f(x + bias); dx = dy f'(x + bias), dbias += column sums of dx in fixed chunks of rows. f' is computed
// again from the pre-activation, so nothing but x is kept. A warp is 32 vectors wide, a block 8 rows high; a
// thread keeps its columns, so it reads the bias once and sums its columns in registers.
#include "reduce.h"

namespace everlearn::cuda {

namespace {

constexpr int kRows = 8;

// The normal distribution's cumulative probability of x; *density becomes exp(-x^2 / 2).
// Abramowitz and Stegun 7.1.26, absolute error below 1e-7, the tail of the sign that is small computed as
// such.
__device__ __forceinline__ float normal_probability(float x, float* density) {
  const float size = fabsf(x) > 14.0f ? 14.0f : fabsf(x);  // beyond, all is 0 or 1; NaN stays
  const float t = 1.0f / (size * (0.3275911f * 0.70710678118654752f) + 1.0f);
  float p = 0.5f * 1.061405429f;
  p = p * t - 0.5f * 1.453152027f;
  p = p * t + 0.5f * 1.421413741f;
  p = p * t - 0.5f * 0.284496736f;
  p = p * t + 0.5f * 0.254829592f;
  *density = exp2f(size * size * (-0.5f * 1.44269504088896341f));
  const float tail = p * t * *density;
  return x > 0 ? 1.0f - tail : tail;
}

struct Identity {
  static constexpr bool needs_x = false;
  static __device__ float value(float x) { return x; }
  static __device__ float slope(float) { return 1; }
};
struct Gelu {
  static constexpr bool needs_x = true;
  static __device__ float value(float x) {
    float density;
    return x * normal_probability(x, &density);
  }
  static __device__ float slope(float x) {
    float density;
    const float probability = normal_probability(x, &density);
    return x * density * 0.39894228040143268f + probability;
  }
};
// (1 + tanh u) / 2 is the sigmoid of 2 u, which keeps its digits where tanh u is near -1.
struct GeluTanh {
  static constexpr bool needs_x = true;
  static constexpr float kScale = 2 * 0.79788456080286536f;  // 2 sqrt(2 / pi)
  static constexpr float kCubic = 0.044715f;
  static __device__ float gate(float x) { return 1.0f / (1.0f + expf(-kScale * (x + kCubic * x * x * x))); }
  static __device__ float value(float x) { return x * gate(x); }
  static __device__ float slope(float x) {
    const float s = gate(x), inner = kScale * (1.0f + 3.0f * kCubic * x * x);
    return s + x * s * (1.0f - s) * inner;
  }
};
struct Relu {
  static constexpr bool needs_x = true;
  static __device__ float value(float x) { return x < 0 ? 0 : x; }
  static __device__ float slope(float x) { return x > 0 ? 1 : 0; }
};
struct Tanh {
  static constexpr bool needs_x = true;
  static __device__ float value(float x) { return tanhf(x); }
  static __device__ float slope(float x) {
    const float t = tanhf(x);
    return 1.0f - t * t;
  }
};

template <class Body>
void by_activation(Activation activation, const Body& body) {
  switch (activation) {
    case Activation::none:
      return body(Identity{});
    case Activation::gelu:
      return body(Gelu{});
    case Activation::gelu_tanh:
      return body(GeluTanh{});
    case Activation::relu:
      return body(Relu{});
    case Activation::tanh:
      return body(Tanh{});
  }
}

template <int N>
__device__ __forceinline__ void load_bias(const float* bias, int64_t j, float (&b)[N]) {
#pragma unroll
  for (int k = 0; k < N; ++k) b[k] = 0;
  if (bias) load(bias + j, b);
}

template <class T, int N, class Function>
__global__ void __launch_bounds__(kWarp* kRows)
    forward(const T* x, const float* bias, T* y, int64_t rows, int64_t n) {
  const int64_t j = ((int64_t)blockIdx.x * kWarp + threadIdx.x) * N;
  if (j >= n) return;
  float b[N];
  load_bias(bias, j, b);
  for (int64_t i = blockIdx.y * kRows + threadIdx.y; i < rows; i += (int64_t)gridDim.y * kRows) {
    float v[N];
    load(x + i * n + j, v);
#pragma unroll
    for (int k = 0; k < N; ++k) v[k] = Function::value(v[k] + b[k]);
    store(y + i * n + j, v);
  }
}

// A block's rows are one chunk.
template <class T, int N, class Function>
__global__ void __launch_bounds__(kWarp* kRows)
    backward(const T* dy, const T* x, const float* bias, T* dx, float* partials, Chunks chunks, int64_t n) {
  EVERLEARN_SHARED(shared, float[kRows][kWarp * N]);
  const int64_t j = ((int64_t)blockIdx.x * kWarp + threadIdx.x) * N;
  float b[N], sums[N];
#pragma unroll
  for (int k = 0; k < N; ++k) sums[k] = 0;
  if (j < n) {
    load_bias(Function::needs_x ? bias : nullptr, j, b);
    const int64_t from = blockIdx.y * chunks.size, to = min(from + chunks.size, chunks.rows);
    for (int64_t i = from + threadIdx.y; i < to; i += kRows) {
      float d[N];
      load(dy + i * n + j, d);
      if constexpr (Function::needs_x) {
        float v[N];
        load(x + i * n + j, v);
#pragma unroll
        for (int k = 0; k < N; ++k) d[k] *= Function::slope(v[k] + b[k]);
      }
#pragma unroll
      for (int k = 0; k < N; ++k) sums[k] += d[k];
      if (dx) store(dx + i * n + j, d);
    }
  }
  if (!partials) return;
#pragma unroll
  for (int k = 0; k < N; ++k) shared[threadIdx.y][k * kWarp + threadIdx.x] = sums[k];
  __syncthreads();
  if (threadIdx.y != 0 || j >= n) return;
  for (int row = 1; row < kRows; ++row)
#pragma unroll
    for (int k = 0; k < N; ++k) sums[k] += shared[row][k * kWarp + threadIdx.x];
  store(partials + blockIdx.y * n + j, sums);
}

template <int N>
unsigned column_blocks(int64_t n) {
  return (unsigned)((n + kWarp * N - 1) / (kWarp * N));
}

}  // namespace

void biasActivation(const Context& context, const BiasActivation& op) {
  const int64_t rows = op.x.shape[0], n = op.x.shape[1];
  by_float_dtype(op.x.dtype, [&](auto type) {
    using T = decltype(type);
    const T* x = data<T>(op.x);
    T* y = data<T>(op.y);
    const float* bias = data<float>(op.bias);
    by_activation(op.activation, [&](auto function) {
      using Function = decltype(function);
      const auto run = [&]<int N>(std::integral_constant<int, N>) {
        const int64_t wide = column_blocks<N>(n);
        const unsigned high = blocks_for(context, rows * wide * kWarp, kWarp * kRows, 8);
        launch(context, forward<T, N, Function>,
               dim3((unsigned)wide, (unsigned)(rows == 0 ? 0 : (high + wide - 1) / wide)), dim3(kWarp, kRows),
               0, x, bias, y, rows, n);
      };
      if (vectors_fit<T>(n, x, y, bias))
        run(std::integral_constant<int, kVector<T>>{});
      else
        run(std::integral_constant<int, 1>{});
    });
  });
  check_launch("biasActivation");
}

void biasActivationBackward(const Context& context, const BiasActivationBackward& op) {
  const int64_t rows = op.dy.shape[0], n = op.dy.shape[1];
  const Chunks chunks = chunks_of(rows);
  float* partials = op.dbias ? scratch<float>(context, 2, chunks.count * n) : nullptr;
  by_float_dtype(op.dy.dtype, [&](auto type) {
    using T = decltype(type);
    const T *dy = data<T>(op.dy), *x = data<T>(op.x);
    T* dx = data<T>(op.dx);
    const float* bias = data<float>(op.bias);
    by_activation(op.activation, [&](auto function) {
      using Function = decltype(function);
      const auto run = [&]<int N>(std::integral_constant<int, N>) {
        launch(context, backward<T, N, Function>, dim3(column_blocks<N>(n), (unsigned)chunks.count),
               dim3(kWarp, kRows), 0, dy, x, bias, dx, partials, chunks, n);
      };
      if (vectors_fit<T>(n, dy, x, dx, bias, partials))
        run(std::integral_constant<int, kVector<T>>{});
      else
        run(std::integral_constant<int, 1>{});
    });
  });
  if (partials) add_partials(context, partials, chunks.count, n, 1, {{data<float>(op.dbias)}});
  check_launch("biasActivationBackward");
}

}  // namespace everlearn::cuda
