// Every op once: its arguments, formula, shapes and dtypes.
//
// `fields` lists a struct's fields in order; from that list come the JavaScript binding, the checks of shape
// and dtype, the TypeScript declarations and what is marked as written. A shape is a list of dimension names:
// a name binds at its first use and must agree afterwards, a number is itself, "*" is any shape, "=x" is the
// shape of field x. `T` is float32, bfloat16 or float16, the same for all T fields of an op; arithmetic is
// float32 whatever T is. Fields of a struct are constant for a run; what changes between steps is a
// one-element tensor.
//
// Names: M rows (packed tokens or gathered rows), C columns, S sequences, H hidden size, V classes.
#pragma once

#include "backend.h"

namespace everlearn {

enum class Types : uint8_t {
  T,
  float32,
  int32,
  uint8,
  floating,
  any
};  // floating: each field its own of T's three

enum class Activation : int32_t { none, gelu, gelu_tanh, relu, tanh };
#define EVERLEARN_ACTIVATIONS "none|gelu|gelu_tanh|relu|tanh"  // gelu is the exact erf form

enum class Distribution : int32_t { uniform, normal, truncated_normal };
#define EVERLEARN_DISTRIBUTIONS "uniform|normal|truncated_normal"

// Where a dropout site's mask comes from: Philox 4x32-10 with key = seed and counter =
// (step, site, rows[row], column block of 4); a value is dropped when its 32 bits < probability * 2^32, else
// scaled by 1 / (1 - probability). Absent `rows` or probability 0: no dropout. Attention's column block is
// head << 16 | key position / 4, its row that of the query token.
struct Dropout {
  View rows, step;
  int64_t seed = 0;
  uint32_t site = 0;
  float probability = 0;

  template <class V>
  static constexpr void dropout_fields(V&& v, const char* row_shape) {
    v.optional("rows", &Dropout::rows, row_shape, Types::int32);
    v.optional("step", &Dropout::step, "1", Types::int32);
    v.scalar("seed", &Dropout::seed);
    v.scalar("site", &Dropout::site);
    v.scalar("probability", &Dropout::probability);
  }
};

// y = value.
struct Fill {
  View y;
  float value = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    v.out("y", &Fill::y, "*", Types::any);
    v.scalar("value", &Fill::value);
  }
};

// y = x, converted (round to nearest even; to integers: truncated, saturated, NaN becomes 0).
struct Copy {
  View x, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &Copy::x, "*", Types::any);
    v.out("y", &Copy::y, "=x", Types::any);
  }
};

// y = a + b. y may be a or b.
struct Add {
  View a, b, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("a", &Add::a, "*", Types::T);
    v.in("b", &Add::b, "=a", Types::T);
    v.out("y", &Add::y, "=a", Types::T);
  }
};

// y = a * b, element by element. y may be a or b.
struct Mul {
  View a, b, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("a", &Mul::a, "*", Types::T);
    v.in("b", &Mul::b, "=a", Types::T);
    v.out("y", &Mul::y, "=a", Types::T);
  }
};

// y = x * factor * by[0]. y may be x.
struct Scale {
  View x, by, y;
  float factor = 1;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &Scale::x, "*", Types::T);
    v.optional("by", &Scale::by, "1", Types::float32);
    v.out("y", &Scale::y, "=x", Types::T);
    v.scalar("factor", &Scale::factor);
  }
};

// total[0] = (accumulate ? total[0] : 0) + sum of x.
struct Sum {
  View x, total;
  bool accumulate = false;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &Sum::x, "*", Types::T);
    v.inout("total", &Sum::total, "1", Types::float32);
    v.scalar("accumulate", &Sum::accumulate);
  }
};

// Fills y with draws: uniform on [a, b) from a word's upper 24 bits; normal with mean a and deviation b, the
// quantile (algorithm AS 241) of (word + 1/2) / 2^32; or that normal redrawn until it is within two
// deviations. Element i takes word i % 4 of the block with key = seed, counter = (i / 4 low, i / 4 high,
// site, redraw).
struct RandomFill {
  View y;
  Distribution distribution = Distribution::uniform;
  float a = 0, b = 1;
  int64_t seed = 0;
  uint32_t site = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    v.out("y", &RandomFill::y, "*", Types::floating);
    v.choice("distribution", &RandomFill::distribution, EVERLEARN_DISTRIBUTIONS);
    v.scalar("a", &RandomFill::a);
    v.scalar("b", &RandomFill::b);
    v.scalar("seed", &RandomFill::seed);
    v.scalar("site", &RandomFill::site);
  }
};

// y = dropout(x). The backward is the same op on dy. y may be x.
struct DropoutOp : Dropout {
  View x, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &DropoutOp::x, "M C", Types::T);
    v.out("y", &DropoutOp::y, "M C", Types::T);
    dropout_fields(v, "M");
  }
};

// y[i] = x[index[i]]; a row of zeros where index[i] < 0.
struct GatherRows {
  View x, index, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &GatherRows::x, "N C", Types::T);
    v.in("index", &GatherRows::index, "M", Types::int32);
    v.out("y", &GatherRows::y, "M C", Types::T);
  }
};

// y = (accumulate ? y : 0); y[index[i]] += x[i] in order of i; index[i] < 0 is left out. The backward of
// gatherRows.
struct ScatterRows {
  View x, index, y;
  bool accumulate = false;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &ScatterRows::x, "M C", Types::T);
    v.in("index", &ScatterRows::index, "M", Types::int32);
    v.inout("y", &ScatterRows::y, "N C", Types::T);
    v.scalar("accumulate", &ScatterRows::accumulate);
  }
};

// y = dropout(LayerNorm(word[ids] + position[positions] + segment[segments] + task[tasks])): ERNIE 2.0's
// input representation (paper, "Task Embedding"). LayerNorm over C with gamma, beta, eps. Keeps mean and rstd
// of each row. A row whose id is < 0 is a tail row: zeros.
struct Embedding : Dropout {
  View ids, positions, segments, tasks, word, position, segment, task, gamma, beta, y, mean, rstd;
  float eps = 1e-5f;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("ids", &Embedding::ids, "M", Types::int32);
    v.in("positions", &Embedding::positions, "M", Types::int32);
    v.optional("segments", &Embedding::segments, "M", Types::int32);
    v.optional("tasks", &Embedding::tasks, "M", Types::int32);
    v.in("word", &Embedding::word, "V C", Types::float32);
    v.in("position", &Embedding::position, "P C", Types::float32);
    v.optional("segment", &Embedding::segment, "G C", Types::float32);
    v.optional("task", &Embedding::task, "K C", Types::float32);
    v.in("gamma", &Embedding::gamma, "C", Types::float32);
    v.in("beta", &Embedding::beta, "C", Types::float32);
    v.out("y", &Embedding::y, "M C", Types::T);
    v.out("mean", &Embedding::mean, "M", Types::float32);
    v.out("rstd", &Embedding::rstd, "M", Types::float32);
    v.scalar("eps", &Embedding::eps);
    dropout_fields(v, "M");
  }
};

// Adds (+=) the gradients of the tables, gamma and beta. The sum is gathered again, its mean and rstd come
// from the forward. Rows of one table that occur often are added in order of the tokens.
struct EmbeddingBackward : Dropout {
  View dy, ids, positions, segments, tasks, word, position, segment, task, gamma, mean, rstd;
  View dword, dposition, dsegment, dtask, dgamma, dbeta;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = EmbeddingBackward;
    v.in("dy", &A::dy, "M C", Types::T);
    v.in("ids", &A::ids, "M", Types::int32);
    v.in("positions", &A::positions, "M", Types::int32);
    v.optional("segments", &A::segments, "M", Types::int32);
    v.optional("tasks", &A::tasks, "M", Types::int32);
    v.in("word", &A::word, "V C", Types::float32);
    v.in("position", &A::position, "P C", Types::float32);
    v.optional("segment", &A::segment, "G C", Types::float32);
    v.optional("task", &A::task, "K C", Types::float32);
    v.in("gamma", &A::gamma, "C", Types::float32);
    v.in("mean", &A::mean, "M", Types::float32);
    v.in("rstd", &A::rstd, "M", Types::float32);
    v.inout("dword", &A::dword, "V C", Types::float32);
    v.inout("dposition", &A::dposition, "P C", Types::float32);
    v.optional_inout("dsegment", &A::dsegment, "G C", Types::float32);
    v.optional_inout("dtask", &A::dtask, "K C", Types::float32);
    v.inout("dgamma", &A::dgamma, "C", Types::float32);
    v.inout("dbeta", &A::dbeta, "C", Types::float32);
    dropout_fields(v, "M");
  }
};

// y = LayerNorm(dropout(x + bias) + residual), over C with gamma, beta, eps. Without bias, residual and
// dropout it is plain LayerNorm. Keeps mean and rstd of each row.
struct ResidualLayerNorm : Dropout {
  View x, bias, residual, gamma, beta, y, mean, rstd;
  float eps = 1e-5f;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = ResidualLayerNorm;
    v.in("x", &A::x, "M C", Types::T);
    v.optional("bias", &A::bias, "C", Types::float32);
    v.optional("residual", &A::residual, "M C", Types::T);
    v.in("gamma", &A::gamma, "C", Types::float32);
    v.in("beta", &A::beta, "C", Types::float32);
    v.out("y", &A::y, "M C", Types::T);
    v.out("mean", &A::mean, "M", Types::float32);
    v.out("rstd", &A::rstd, "M", Types::float32);
    v.scalar("eps", &A::eps);
    dropout_fields(v, "M");
  }
};

// dresidual = gradient of the LayerNorm's input; dx = dropout of that; dbias += column sums of dx; dgamma,
// dbeta +=. With accumulate, dresidual += instead of =. The LayerNorm's input is made again from x, bias,
// residual and the mask.
struct ResidualLayerNormBackward : Dropout {
  View dy, x, bias, residual, gamma, mean, rstd, dx, dresidual, dbias, dgamma, dbeta;
  bool accumulate = false;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = ResidualLayerNormBackward;
    v.in("dy", &A::dy, "M C", Types::T);
    v.in("x", &A::x, "M C", Types::T);
    v.optional("bias", &A::bias, "C", Types::float32);
    v.optional("residual", &A::residual, "M C", Types::T);
    v.in("gamma", &A::gamma, "C", Types::float32);
    v.in("mean", &A::mean, "M", Types::float32);
    v.in("rstd", &A::rstd, "M", Types::float32);
    v.optional_out("dx", &A::dx, "M C", Types::T);
    v.optional_inout("dresidual", &A::dresidual, "M C", Types::T);
    v.optional_inout("dbias", &A::dbias, "C", Types::float32);
    v.optional_inout("dgamma", &A::dgamma, "C", Types::float32);
    v.optional_inout("dbeta", &A::dbeta, "C", Types::float32);
    v.scalar("accumulate", &A::accumulate);
    dropout_fields(v, "M");
  }
};

// y = activation(x + bias). y may be x.
struct BiasActivation {
  View x, bias, y;
  Activation activation = Activation::none;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &BiasActivation::x, "M C", Types::T);
    v.optional("bias", &BiasActivation::bias, "C", Types::float32);
    v.out("y", &BiasActivation::y, "M C", Types::T);
    v.choice("activation", &BiasActivation::activation, EVERLEARN_ACTIVATIONS);
  }
};

// dx = dy * activation'(x + bias); dbias += column sums of dx. dx may be dy.
struct BiasActivationBackward {
  View dy, x, bias, dx, dbias;
  Activation activation = Activation::none;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = BiasActivationBackward;
    v.in("dy", &A::dy, "M C", Types::T);
    v.optional("x", &A::x, "M C", Types::T);  // not needed when activation is none
    v.optional("bias", &A::bias, "C", Types::float32);
    v.optional_out("dx", &A::dx, "M C", Types::T);
    v.optional_inout("dbias", &A::dbias, "C", Types::float32);
    v.choice("activation", &A::activation, EVERLEARN_ACTIVATIONS);
  }
};

// y = x weight^T + bias. float32 accumulation.
struct Linear {
  View x, weight, bias, y;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &Linear::x, "M K", Types::T);
    v.in("weight", &Linear::weight, "N K", Types::float32);
    v.optional("bias", &Linear::bias, "N", Types::float32);
    v.out("y", &Linear::y, "M N", Types::T);
  }
};

// dx = dy weight (+ dx with accumulate); dweight += dy^T x; dbias += column sums of dy. Each output is
// optional.
struct LinearBackward {
  View dy, x, weight, dx, dweight, dbias;
  bool accumulate = false;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = LinearBackward;
    v.in("dy", &A::dy, "M N", Types::T);
    v.in("x", &A::x, "M K", Types::T);
    v.in("weight", &A::weight, "N K", Types::float32);
    v.optional_inout("dx", &A::dx, "M K", Types::T);
    v.optional_inout("dweight", &A::dweight, "N K", Types::float32);
    v.optional_inout("dbias", &A::dbias, "N", Types::float32);
    v.scalar("accumulate", &A::accumulate);
  }
};

// Multi-head self-attention on a packed batch: for tokens offsets[s] .. offsets[s + 1] of each sequence s and
// each head, y = dropout(softmax(scale * q k^T)) v, scale = 1 / sqrt(C / heads). qkv holds q, k, v side by
// side, heads inside each. Rows of no sequence get zeros. Keeps the log-sum-exp of each row and head, in the
// order that the backend's own backward reads. No sequence is longer than `longest`, or M where that is 0.
struct Attention : Dropout {
  View qkv, offsets, y, lse;
  int32_t heads = 1, longest = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = Attention;
    v.in("qkv", &A::qkv, "M 3C", Types::T);
    v.in("offsets", &A::offsets, "S+1", Types::int32);
    v.out("y", &A::y, "M C", Types::T);
    v.out("lse", &A::lse, "heads M", Types::float32);
    v.scalar("heads", &A::heads);
    v.scalar("longest", &A::longest);
    dropout_fields(v, "M");
  }
};

// dqkv from dy; probabilities are made again from qkv and lse, the mask from its coordinates.
struct AttentionBackward : Dropout {
  View dy, qkv, offsets, y, lse, dqkv;
  int32_t heads = 1, longest = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = AttentionBackward;
    v.in("dy", &A::dy, "M C", Types::T);
    v.in("qkv", &A::qkv, "M 3C", Types::T);
    v.in("offsets", &A::offsets, "S+1", Types::int32);
    v.in("y", &A::y, "M C", Types::T);
    v.in("lse", &A::lse, "heads M", Types::float32);
    v.out("dqkv", &A::dqkv, "M 3C", Types::T);
    v.scalar("heads", &A::heads);
    v.scalar("longest", &A::longest);
    dropout_fields(v, "M");
  }
};

// One layer of an LSTM (torch.nn.LSTM's formula and order of gates) within each sequence of a packed batch,
// from states of zero. The first of the C / H directions goes from a sequence's first token to its last, the
// second from the last to the first. With p the direction's columns of `projected` (input product and bias of
// the gates i, f, g, o side by side, H each), w its rows of `weight`, h and c the states at the token before:
//   i, f, o = sigmoid(p + w h), g = tanh(p + w h);  cell = f c + i g;  y = o tanh(cell).
// Keeps the gates' values and the cells where they are asked for; `gates` may be `projected`. h is y as
// stored, cells are float32 whatever T is. In rows of no sequence y is zeros, gates and cells are left as
// they were.
struct Lstm {
  View projected, offsets, weight, y, gates, cells;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("projected", &Lstm::projected, "M 4C", Types::T);
    v.in("offsets", &Lstm::offsets, "S+1", Types::int32);
    v.in("weight", &Lstm::weight, "4C H", Types::float32);
    v.out("y", &Lstm::y, "M C", Types::T);
    v.optional_out("gates", &Lstm::gates, "M 4C", Types::T);
    v.optional_out("cells", &Lstm::cells, "M C", Types::float32);
  }
};

// dprojected from dy, zeros in rows of no sequence; dweight += the sum over tokens of dprojected^T h, h the y
// of the token before. dprojected may be gates.
struct LstmBackward {
  View dy, offsets, weight, y, gates, cells, dprojected, dweight;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = LstmBackward;
    v.in("dy", &A::dy, "M C", Types::T);
    v.in("offsets", &A::offsets, "S+1", Types::int32);
    v.in("weight", &A::weight, "4C H", Types::float32);
    v.in("y", &A::y, "M C", Types::T);
    v.in("gates", &A::gates, "M 4C", Types::T);
    v.in("cells", &A::cells, "M C", Types::float32);
    v.out("dprojected", &A::dprojected, "M 4C", Types::T);
    v.optional_inout("dweight", &A::dweight, "4C H", Types::float32);
  }
};

// Softmax cross-entropy of each row against its label, forward and backward in one pass without a stored
// probability matrix. Only the first `classes` columns are classes (the rest is padding, gradient 0). Rows
// with label < 0 do not count. loss[0] += scale[0] * sum of row losses; statistics += {sum of row losses,
// rows whose largest logit (of equal ones the first) is the label, valid rows}; dlogits = scale[0] *
// loss_scale[0] * gradient. dlogits may be logits. Row loss with smoothing e: (1 - e) * -log p[label] + e *
// mean of -log p.
struct SoftmaxCrossEntropy {
  View logits, labels, scale, loss_scale, loss, statistics, dlogits;
  int32_t classes = 0;
  float smoothing = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = SoftmaxCrossEntropy;
    v.in("logits", &A::logits, "M V", Types::T);
    v.in("labels", &A::labels, "M", Types::int32);
    v.in("scale", &A::scale, "1", Types::float32);
    v.optional("lossScale", &A::loss_scale, "1", Types::float32);
    v.inout("loss", &A::loss, "1", Types::float32);
    v.optional_inout("statistics", &A::statistics, "3", Types::float32);
    v.optional_out("dlogits", &A::dlogits, "M V", Types::T);
    v.scalar("classes", &A::classes);
    v.scalar("smoothing", &A::smoothing);
  }
};

// Squared error of each value. Values whose target is NaN do not count. loss[0] += scale[0] * sum; statistics
// += {sum, 0, valid values}; dx = scale[0] * loss_scale[0] * 2 (x - target). dx may be x.
struct MeanSquaredError {
  View x, target, scale, loss_scale, loss, statistics, dx;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = MeanSquaredError;
    v.in("x", &A::x, "*", Types::T);
    v.in("target", &A::target, "=x", Types::float32);
    v.in("scale", &A::scale, "1", Types::float32);
    v.optional("lossScale", &A::loss_scale, "1", Types::float32);
    v.inout("loss", &A::loss, "1", Types::float32);
    v.optional_inout("statistics", &A::statistics, "3", Types::float32);
    v.optional_out("dx", &A::dx, "=x", Types::T);
  }
};

// total[0] += sum of squares of x, in chunks of fixed size added in order (float64 inside).
struct SumOfSquares {
  View x, total;
  template <class V>
  static constexpr void fields(V&& v) {
    v.in("x", &SumOfSquares::x, "N", Types::float32);
    v.inout("total", &SumOfSquares::total, "1", Types::float32);
  }
};

// Decides on the device what the optimiser does with a step's gradients, and resets `sumOfSquares` to 0.
// norm = sqrt(sumOfSquares) / lossScale; skip = norm is not finite; coefficient = min(1, maxNorm / norm) /
// lossScale (maxNorm 0: no clipping), 0 on a skip. With growthInterval > 0 the loss scale is dynamic: halved
// (floor 1) on a skip, doubled after growthInterval good steps in a row. skipped counts skips.
struct GradientControl {
  View sum_of_squares, loss_scale, good_steps, skipped, coefficient, skip, norm;
  float max_norm = 0;
  int32_t growth_interval = 0;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = GradientControl;
    v.inout("sumOfSquares", &A::sum_of_squares, "1", Types::float32);
    v.inout("lossScale", &A::loss_scale, "1", Types::float32);
    v.inout("goodSteps", &A::good_steps, "1", Types::int32);
    v.inout("skipped", &A::skipped, "1", Types::int32);
    v.out("coefficient", &A::coefficient, "1", Types::float32);
    v.out("skip", &A::skip, "1", Types::int32);
    v.out("norm", &A::norm, "1", Types::float32);
    v.scalar("maxNorm", &A::max_norm);
    v.scalar("growthInterval", &A::growth_interval);
  }
};

// torch.optim.AdamW over a flat arena of N = 64 B values; decay[b] says whether block b is decayed. Gradients
// are multiplied by coefficient[0] first and are 0 afterwards. With skip[0] != 0 only the gradients change;
// otherwise steps[0] += 1, which is the t of the bias correction.
struct AdamW {
  View parameters, gradients, first_moments, second_moments, decay, learning_rate, coefficient, skip, steps;
  float beta1 = 0.9f, beta2 = 0.98f, epsilon = 1e-6f, weight_decay = 0.01f;
  template <class V>
  static constexpr void fields(V&& v) {
    using A = AdamW;
    v.inout("parameters", &A::parameters, "N", Types::float32);
    v.inout("gradients", &A::gradients, "N", Types::float32);
    v.inout("firstMoments", &A::first_moments, "N", Types::float32);
    v.inout("secondMoments", &A::second_moments, "N", Types::float32);
    v.in("decay", &A::decay, "N/64", Types::uint8);
    v.in("learningRate", &A::learning_rate, "1", Types::float32);
    v.in("coefficient", &A::coefficient, "1", Types::float32);
    v.in("skip", &A::skip, "1", Types::int32);
    v.inout("steps", &A::steps, "1", Types::int32);
    v.scalar("beta1", &A::beta1);
    v.scalar("beta2", &A::beta2);
    v.scalar("epsilon", &A::epsilon);
    v.scalar("weightDecay", &A::weight_decay);
  }
};

// average += (1 - decay) * (parameters - average), the exponential moving average of weights; nothing with
// skip[0] != 0.
struct MovingAverage {
  View average, parameters, skip;
  float decay = 0.999f;
  template <class V>
  static constexpr void fields(V&& v) {
    v.inout("average", &MovingAverage::average, "N", Types::float32);
    v.in("parameters", &MovingAverage::parameters, "N", Types::float32);
    v.in("skip", &MovingAverage::skip, "1", Types::int32);
    v.scalar("decay", &MovingAverage::decay);
  }
};

// OP(name in every language, argument struct)
#define EVERLEARN_OPS(OP)                                  \
  OP(fill, Fill)                                           \
  OP(copy, Copy)                                           \
  OP(add, Add)                                             \
  OP(mul, Mul)                                             \
  OP(scale, Scale)                                         \
  OP(sum, Sum)                                             \
  OP(randomFill, RandomFill)                               \
  OP(dropout, DropoutOp)                                   \
  OP(gatherRows, GatherRows)                               \
  OP(scatterRows, ScatterRows)                             \
  OP(embedding, Embedding)                                 \
  OP(embeddingBackward, EmbeddingBackward)                 \
  OP(residualLayerNorm, ResidualLayerNorm)                 \
  OP(residualLayerNormBackward, ResidualLayerNormBackward) \
  OP(biasActivation, BiasActivation)                       \
  OP(biasActivationBackward, BiasActivationBackward)       \
  OP(linear, Linear)                                       \
  OP(linearBackward, LinearBackward)                       \
  OP(attention, Attention)                                 \
  OP(attentionBackward, AttentionBackward)                 \
  OP(lstm, Lstm)                                           \
  OP(lstmBackward, LstmBackward)                           \
  OP(softmaxCrossEntropy, SoftmaxCrossEntropy)             \
  OP(meanSquaredError, MeanSquaredError)                   \
  OP(sumOfSquares, SumOfSquares)                           \
  OP(gradientControl, GradientControl)                     \
  OP(adamw, AdamW)                                         \
  OP(movingAverage, MovingAverage)

#define EVERLEARN_OP_POINTER(name, Struct) void (*name)(const Context&, const Struct&);

// A backend: one function per op. A kernel level fills the ops it owns and leaves the rest null.
struct BackendTable {
  uint32_t abi;
  const char* name;
  EVERLEARN_OPS(EVERLEARN_OP_POINTER)
};
#undef EVERLEARN_OP_POINTER

}  // namespace everlearn
