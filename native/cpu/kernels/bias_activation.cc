// y = f(x + bias); dx = dy f'(x + bias), dbias += column sums of dx in fixed chunks of rows. f' is computed
// again from the pre-activation, so nothing but x is kept.
#include "parallel.h"
#include "vector_math.h"

namespace everlearn::EVERLEARN_CPU {

namespace {

constexpr float kTanhScale = 0.79788456080286536f;  // sqrt(2 / pi)
constexpr float kTanhCubic = 0.044715f;

struct Identity {
  static constexpr bool needs_x = false;
  static EVERLEARN_LAMBDA inline F value(F x) { return x; }
  static EVERLEARN_LAMBDA inline F slope(F) { return splat(1); }
};
struct Gelu {
  static constexpr bool needs_x = true;
  static EVERLEARN_LAMBDA inline F value(F x) {
    F density;
    return x * normal_probability(x, &density);
  }
  static EVERLEARN_LAMBDA inline F slope(F x) {
    F density;
    const F probability = normal_probability(x, &density);
    return x * density * 0.39894228040143268f + probability;
  }
};
// (1 + tanh u) / 2 is the sigmoid of 2 u, which keeps its digits where tanh u is near -1.
struct GeluTanh {
  static constexpr bool needs_x = true;
  static EVERLEARN_LAMBDA inline F gate(F x) {
    return sigmoid(2 * kTanhScale * (x + kTanhCubic * x * x * x));
  }
  static EVERLEARN_LAMBDA inline F value(F x) { return x * gate(x); }
  static EVERLEARN_LAMBDA inline F slope(F x) {
    const F s = gate(x), inner = 2 * kTanhScale * (1.0f + 3.0f * kTanhCubic * x * x);
    return s + x * s * (1.0f - s) * inner;
  }
};
struct Relu {
  static constexpr bool needs_x = true;
  static EVERLEARN_LAMBDA inline F value(F x) { return x < 0.0f ? F{} : x; }
  static EVERLEARN_LAMBDA inline F slope(F x) { return x > 0.0f ? splat(1) : F{}; }
};
struct Tanh {
  static constexpr bool needs_x = true;
  static EVERLEARN_LAMBDA inline F value(F x) { return tanh(x); }
  static EVERLEARN_LAMBDA inline F slope(F x) {
    const F t = tanh(x);
    return 1.0f - t * t;
  }
};

template <class Body>
EVERLEARN_INLINE void by_activation(Activation activation, const Body& body) {
  switch (activation) {
    case Activation::none:
      body(Identity{});
      break;
    case Activation::gelu:
      body(Gelu{});
      break;
    case Activation::gelu_tanh:
      body(GeluTanh{});
      break;
    case Activation::relu:
      body(Relu{});
      break;
    case Activation::tanh:
      body(Tanh{});
      break;
  }
}

template <class T, class Function>
EVERLEARN_INLINE void forward(const Context& context, const BiasActivation& op) {
  const int64_t n = op.x.shape[1];
  const T* x = data<T>(op.x);
  const float* bias = data<float>(op.bias);
  T* y = data<T>(op.y);
  parallel(context, op.x.shape[0], 2 * n, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t i = begin; i < end; ++i)
      columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
        F v = load(x + i * n + j, lanes);
        if (bias) v += load(bias + j, lanes);
        store(y + i * n + j, Function::value(v), lanes);
      });
  });
}

template <class T, class Function>
EVERLEARN_INLINE void backward(const Context& context, const BiasActivationBackward& op) {
  const int64_t n = op.dy.shape[1], width = padded(n);
  const T *dy = data<T>(op.dy), *x = data<T>(op.x);
  const float* bias = data<float>(op.bias);
  T* dx = data<T>(op.dx);
  const bool want_dbias = op.dbias.data != nullptr;
  const Chunks chunks = chunks_of(op.dy.shape[0]);
  float* partials = want_dbias ? scratch_floats(context, 2, chunks.count * width) : nullptr;
  parallel(context, chunks.count, 2 * chunks.size * n, [=](int64_t begin, int64_t end, int) EVERLEARN_LAMBDA {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      float* sums = partials + chunk * width;
      if (want_dbias) memset(sums, 0, width * sizeof(float));
      for (int64_t i = chunk * chunks.size; i < chunk_end(chunks, chunk); ++i)
        columns(n, [&](int64_t j, auto lanes) EVERLEARN_LAMBDA {
          F d = load(dy + i * n + j, lanes);
          if (Function::needs_x) {
            F v = load(x + i * n + j, lanes);
            if (bias) v += load(bias + j, lanes);
            d *= Function::slope(v);
          }
          if (want_dbias) store(sums + j, load(sums + j, Full{}) + d, Full{});
          if (dx) store(dx + i * n + j, d, lanes);
        });
    }
  });
  if (want_dbias) add_partials(context, partials, width, chunks.count, data<float>(op.dbias), n);
}

}  // namespace

void biasActivation(const Context& context, const BiasActivation& op) {
  by_float_dtype(op.x.dtype, [&](auto type) EVERLEARN_LAMBDA {
    by_activation(op.activation,
                  [&](auto f) EVERLEARN_LAMBDA { forward<decltype(type), decltype(f)>(context, op); });
  });
}

void biasActivationBackward(const Context& context, const BiasActivationBackward& op) {
  by_float_dtype(op.dy.dtype, [&](auto type) EVERLEARN_LAMBDA {
    by_activation(op.activation,
                  [&](auto f) EVERLEARN_LAMBDA { backward<decltype(type), decltype(f)>(context, op); });
  });
}

}  // namespace everlearn::EVERLEARN_CPU
