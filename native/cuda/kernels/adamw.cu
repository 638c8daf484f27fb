// torch.optim.AdamW in one pass over an arena: g = gradient * coefficient, m += (1 - b1) (g - m),
// v = b2 v + (1 - b2) g^2, p = p (1 - lr * decay) - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps); in
// the same pass the gradient is zeroed and p is rounded for the products of the next step. What depends on
// the step is computed once, by a thread of its own.
#include "values.h"

namespace everlearn::cuda {

namespace {

constexpr int kBlock = 256;
constexpr int64_t kFlagged = 64;  // values of one decay flag

struct Step {
  int32_t skip;
  float coefficient, step_size, root_correction, kept;
};

__global__ void begin_step(const float* learning_rate, const float* coefficient, const int32_t* skip,
                           int32_t* steps, double beta1, double beta2, float weight_decay, Step* out) {
  if (threadIdx.x != 0) return;
  const int32_t step = *steps + 1;
  const double rate = *learning_rate;
  *out = {*skip, *coefficient, (float)(rate / (1 - pow(beta1, (double)step))),
          (float)(1 / sqrt(1 - pow(beta2, (double)step))), (float)(1 - rate * weight_decay)};
  if (*skip == 0) *steps = step;
}

struct Arena {
  float *parameters, *gradients, *first, *second;
  const uint8_t* decay;
  int64_t n;
};

template <class T>
__device__ __forceinline__ void store_rounded(T* to, const float (&v)[1]) {
  from_float(v[0], to);
}
template <class T>
__device__ __forceinline__ void store_rounded(T* to, const float (&v)[4]) {
  const float padded[kVector<T>] = {v[0], v[1], v[2], v[3]};
  Quad q;
  pack(padded, to, q);
  *reinterpret_cast<uint2*>(to) = {q.bits.x, q.bits.y};
}

// T is the type of the copy, which may be absent. It is written on a skip too: it may not have been there.
template <int N, class T>
__global__ void __launch_bounds__(kBlock)
    update(Arena a, T* copy, const Step* step, float b1, float b2, float c2, float epsilon) {
  const Step s = *step;
  const float zeros[N] = {};
  for (int64_t i = grid_thread() * N; i < a.n; i += grid_threads() * N) {
    float p[N];
    if (s.skip == 0 || copy) load(a.parameters + i, p);
    if (s.skip == 0) {
      const float keep = a.decay[i / kFlagged] ? s.kept : 1.0f;
      float g[N], m[N], v[N];
      load(a.gradients + i, g);
      load(a.first + i, m);
      load(a.second + i, v);
#pragma unroll
      for (int k = 0; k < N; ++k) {
        const float gradient = g[k] * s.coefficient;
        m[k] += (gradient - m[k]) * b1;
        v[k] = v[k] * b2 + gradient * gradient * c2;
        p[k] = p[k] * keep - m[k] / (sqrtf(v[k]) * s.root_correction + epsilon) * s.step_size;
      }
      store(a.first + i, m);
      store(a.second + i, v);
      store(a.parameters + i, p);
    }
    if (copy) store_rounded(copy + i, p);
    store(a.gradients + i, zeros);
  }
}

}  // namespace

void adamw(const Context& context, const AdamW& op) {
  const Arena arena = {data<float>(op.parameters),    data<float>(op.gradients),
                       data<float>(op.first_moments), data<float>(op.second_moments),
                       data<uint8_t>(op.decay),       size_of(op.parameters)};
  Step* step = scratch<Step>(context, 0, 1);
  launch(context, begin_step, 1, kWarp, 0, data<float>(op.learning_rate), data<float>(op.coefficient),
         data<int32_t>(op.skip), data<int32_t>(op.steps), (double)op.beta1, (double)op.beta2, op.weight_decay,
         step);
  const View copy = compute_copy(context, op.parameters);
  // N is a multiple of 64, so whole vectors have one flag.
  const bool fit = vectors_fit<float>(arena.n, arena.parameters, arena.gradients, arena.first, arena.second);
  const unsigned blocks = blocks_for(context, arena.n / (fit ? 4 : 1), kBlock);
  const auto run = [&](auto type) {
    using T = decltype(type);
    launch(context, fit ? update<4, T> : update<1, T>, blocks, kBlock, 0, arena, data<T>(copy), step,
           1 - op.beta1, op.beta2, 1 - op.beta2, op.epsilon);
  };
  copy&& copy.dtype == DType::float16 ? run(__half{}) : run(__nv_bfloat16{});
  check_launch("adamw");
}

}  // namespace everlearn::cuda
