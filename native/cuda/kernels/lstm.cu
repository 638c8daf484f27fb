// An LSTM layer over packed sequences. Sequences do not wait for each other: a block has a direction and some
// sequences, and goes through all their time steps; a thread has units of the hidden state, whose recurrent
// sums it takes for all of the block's sequences with one reading of the weights. The weights' gradient is
// one product over all tokens afterwards.
#include "attention_tiles.h"

namespace everlearn::cuda {

namespace {

constexpr int kMostThreads = 512;
constexpr int kSide64 = 64, kDepth = 16;  // tiles of the weights' gradient

struct Layout {
  int64_t tokens, sequences, channels, size, directions;
  const int32_t* offsets;
};
Layout layout_of(const View& y, const View& offsets, const View& weight) {
  const int64_t size = weight.shape[1];
  return {y.shape[0],
          offsets.shape[0] - 1,
          y.shape[1],
          size,
          size > 0 ? y.shape[1] / size : 0,
          data<int32_t>(offsets)};
}

// B sequences of a block.
template <int B>
struct Group {
  int64_t direction;
  int32_t start[B], length[B], longest;

  __device__ Group(const Layout& l) : direction(blockIdx.y), longest(0) {
#pragma unroll
    for (int b = 0; b < B; ++b) {
      const int64_t s = (int64_t)blockIdx.x * B + b;
      start[b] = s < l.sequences ? l.offsets[s] : 0;
      length[b] = s < l.sequences ? l.offsets[s + 1] - start[b] : 0;
      longest = max(longest, length[b]);
    }
  }
  // The token of time step t of sequence b.
  __device__ int64_t token(int b, int32_t t) const {
    return direction == 0 ? start[b] + t : start[b] + length[b] - 1 - t;
  }
  // Where the values of unit j at a token are: in y and cells, and that of its gate i in gates.
  __device__ int64_t unit(const Layout& l, int64_t token, int64_t j) const {
    return token * l.channels + direction * l.size + j;
  }
  __device__ int64_t gate(const Layout& l, int64_t token, int64_t j) const {
    return 4 * (token * l.channels + direction * l.size) + j;
  }
};

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// to[d][m][r] = from[d][r][m]: the weights of a unit's gate next to those of the next unit's.
__global__ void __launch_bounds__(256)
    transpose(const float* from, float* to, int64_t rows, int64_t columns) {
  const int64_t base = blockIdx.y * rows * columns;
  for (int64_t i = grid_thread(); i < rows * columns; i += grid_threads())
    to[base + i] = from[base + i % rows * columns + i / rows];
}

// weights: [direction][H][4H]. Shared: the hidden state, twice in turns, and the cells, each [H][B].
template <class T, int B>
__global__ void __launch_bounds__(kMostThreads)
    forward(Layout l, const T* projected, const float* weights, T* y, T* gates, float* cells) {
  const Group<B> group(l);
  const int n = (int)l.size;
  float *hidden = dynamic_shared(), *cell = hidden + 2 * n * B;
  const float* w = weights + group.direction * n * 4 * n;
  for (int32_t t = 0; t < group.longest; ++t) {
    const float* before = hidden + (t % 2) * n * B;
    float* after = hidden + ((t + 1) % 2) * n * B;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      float sums[4][B] = {};
      for (int m = 0; t > 0 && m < n; ++m) {
        const float* row = w + (int64_t)m * 4 * n + j;
#pragma unroll
        for (int k = 0; k < 4; ++k)
#pragma unroll
          for (int b = 0; b < B; ++b) sums[k][b] += row[k * n] * before[m * B + b];
      }
#pragma unroll
      for (int b = 0; b < B; ++b) {
        after[j * B + b] = 0;
        if (t >= group.length[b]) continue;
        const int64_t token = group.token(b, t), unit = group.unit(l, token, j),
                      gate = group.gate(l, token, j);
        const float i = sigmoid(to_float(projected[gate]) + sums[0][b]);
        const float f = sigmoid(to_float(projected[gate + n]) + sums[1][b]);
        const float g = tanhf(to_float(projected[gate + 2 * n]) + sums[2][b]);
        const float o = sigmoid(to_float(projected[gate + 3 * n]) + sums[3][b]);
        const float c = (t > 0 ? f * cell[j * B + b] : 0) + i * g;
        cell[j * B + b] = c;
        T stored;
        from_float(o * tanhf(c), &stored);
        y[unit] = stored;
        after[j * B + b] = to_float(stored);
        if (cells) cells[unit] = c;
        if (!gates) continue;
        from_float(i, gates + gate);
        from_float(f, gates + gate + n);
        from_float(g, gates + gate + 2 * n);
        from_float(o, gates + gate + 3 * n);
      }
    }
    __syncthreads();
  }
}

// Shared: the gates' gradients [4H][B], and what dh and dc come to from the step after, [H][B] each.
template <class T, int B>
__global__ void __launch_bounds__(kMostThreads)
    backward(Layout l, const T* dy, const float* weight, const T* gates, const float* cells, T* dprojected) {
  const Group<B> group(l);
  const int n = (int)l.size;
  float *dgates = dynamic_shared(), *dhidden = dgates + 4 * n * B, *dcell = dhidden + n * B;
  const float* w = weight + group.direction * 4 * n * n;
  for (int j = threadIdx.x; j < n; j += blockDim.x)
    for (int b = 0; b < B; ++b) dhidden[j * B + b] = dcell[j * B + b] = 0;
  for (int32_t t = group.longest - 1; t >= 0; --t) {
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
#pragma unroll
      for (int b = 0; b < B; ++b) {
        float d[4] = {};
        if (t < group.length[b]) {
          const int64_t token = group.token(b, t), unit = group.unit(l, token, j),
                        gate = group.gate(l, token, j);
          const float i = to_float(gates[gate]), f = to_float(gates[gate + n]),
                      g = to_float(gates[gate + 2 * n]), o = to_float(gates[gate + 3 * n]);
          const float before = t > 0 ? cells[group.unit(l, group.token(b, t - 1), j)] : 0;
          const float c = tanhf(cells[unit]);
          const float dh = to_float(dy[unit]) + dhidden[j * B + b];
          const float dc = dcell[j * B + b] + dh * o * (1.0f - c * c);
          dcell[j * B + b] = dc * f;
          d[0] = dc * g * i * (1.0f - i);
          d[1] = dc * before * f * (1.0f - f);
          d[2] = dc * i * (1.0f - g * g);
          d[3] = dh * c * o * (1.0f - o);
#pragma unroll
          for (int k = 0; k < 4; ++k) from_float(d[k], dprojected + gate + k * n);
        }
#pragma unroll
        for (int k = 0; k < 4; ++k) dgates[(k * n + j) * B + b] = d[k];
      }
    }
    __syncthreads();
    for (int j = threadIdx.x; t > 0 && j < n; j += blockDim.x) {
      float sums[B] = {};
#pragma unroll 4
      for (int r = 0; r < 4 * n; ++r) {
        const float value = w[(int64_t)r * n + j];
#pragma unroll
        for (int b = 0; b < B; ++b) sums[b] += value * dgates[r * B + b];
      }
#pragma unroll
      for (int b = 0; b < B; ++b) dhidden[j * B + b] = sums[b];
    }
    __syncthreads();
  }
}

// previous[d][token] = the token before in direction d, negative where there is none. A warp a sequence.
__global__ void __launch_bounds__(256) list_previous(Layout l, int32_t* previous) {
  const int lane = threadIdx.x % kWarp;
  for (int64_t s = grid_thread() / kWarp; s < l.sequences; s += grid_threads() / kWarp)
    for (int32_t token = l.offsets[s] + lane; token < l.offsets[s + 1]; token += kWarp)
      for (int64_t d = 0; d < l.directions; ++d)
        previous[d * l.tokens + token] = d == 0 ? (token == l.offsets[s] ? -1 : token - 1)
                                                : (token == l.offsets[s + 1] - 1 ? -1 : token + 1);
}

// dweight[r][m] += the sum over the sequences' tokens of dprojected[token][r] y[previous token][m]. A block
// has 64 x 64 values of a direction, a thread 4 x 4 of them.
template <class T>
__global__ void __launch_bounds__(kAttentionBlock)
    add_weight_gradient(Layout l, const T* dprojected, const T* y, const int32_t* previous, float* dweight) {
  EVERLEARN_SHARED(gradients, float[kDepth][kSide64 + 4]);
  EVERLEARN_SHARED(hidden, float[kDepth][kSide64 + 4]);
  const int tx = threadIdx.x % kSide, ty = threadIdx.x / kSide;
  const int64_t n = l.size, direction = blockIdx.z, first_row = (int64_t)blockIdx.x * kSide64,
                first_column = (int64_t)blockIdx.y * kSide64;
  const int64_t begin = l.offsets[0], end = l.offsets[l.sequences];
  float sums[4][4];
  clear(sums);
  for (int64_t from = begin; from < end; from += kDepth) {
    for (int item = threadIdx.x; item < kDepth * kSide64; item += kAttentionBlock) {
      const int depth = item / kSide64, column = item % kSide64;
      const int64_t token = from + depth, row = first_row + column, m = first_column + column;
      const int64_t before = token < end ? previous[direction * l.tokens + token] : -1;
      gradients[depth][column] = before >= 0 && row < 4 * n
                                     ? to_float(dprojected[4 * (token * l.channels + direction * n) + row])
                                     : 0.0f;
      hidden[depth][column] =
          before >= 0 && m < n ? to_float(y[before * l.channels + direction * n + m]) : 0.0f;
    }
    __syncthreads();
    multiply(sums, &gradients[0][ty * 4], kSide64 + 4, &hidden[0][tx * 4], kSide64 + 4, kDepth);
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const int64_t row = first_row + ty * 4 + i, column = first_column + tx * 4 + j;
      if (row < 4 * n && column < n) dweight[(direction * 4 * n + row) * n + column] += sums[i][j];
    }
}

// Rows of no sequence become zeros.
void clear_rows(const Context& context, const Layout& l, const View& y, int64_t n) {
  Heads h = {};
  h.tokens = l.tokens, h.sequences = l.sequences, h.offsets = l.offsets;
  clear_outside(context, h, y.dtype, y.data, n, nullptr);
}

// Calls body(B, bytes of shared memory) with the most sequences a block whose `floats` values a unit each
// have room.
template <class Body>
void by_group(const Context& context, const char* op, const Layout& l, int64_t floats, const Body& body) {
  const auto room = (size_t)state_of(context).properties.shared_bytes_per_block;
  const auto bytes = [&](int64_t sequences) { return (size_t)(floats * l.size * sequences) * sizeof(float); };
  using std::integral_constant;
  if (bytes(8) <= room) return body(integral_constant<int, 8>{}, bytes(8));
  if (bytes(1) <= room) return body(integral_constant<int, 1>{}, bytes(1));
  throw shape_error(std::string(op) + ": " + std::to_string(l.size) + " hidden units, wanted at most " +
                    std::to_string(room / (floats * sizeof(float))) + " on this CUDA device");
}
int threads_of(const Layout& l) {
  const int64_t whole = (l.size + kWarp - 1) / kWarp * kWarp;
  return (int)(whole < kMostThreads ? whole : kMostThreads);
}

}  // namespace

void lstm(const Context& context, const Lstm& op) {
  const Layout l = layout_of(op.y, op.offsets, op.weight);
  clear_rows(context, l, op.y, l.channels);
  const int64_t gate_rows = 4 * l.size;
  float* weights = scratch<float>(context, 0, l.directions * gate_rows * l.size);
  launch(context, transpose, dim3(blocks_for(context, gate_rows * l.size, 256), (unsigned)l.directions), 256,
         0, data<float>(op.weight), weights, gate_rows, l.size);
  by_float_dtype(op.y.dtype, [&](auto type) {
    using T = decltype(type);
    by_group(context, "lstm", l, 3, [&](auto sequences, size_t bytes) {
      constexpr int B = decltype(sequences)::value;
      launch(context, forward<T, B>, dim3((unsigned)((l.sequences + B - 1) / B), (unsigned)l.directions),
             threads_of(l), bytes, l, data<T>(op.projected), weights, data<T>(op.y), data<T>(op.gates),
             data<float>(op.cells));
    });
  });
  check_launch("lstm");
}

void lstmBackward(const Context& context, const LstmBackward& op) {
  const Layout l = layout_of(op.y, op.offsets, op.weight);
  clear_rows(context, l, op.dprojected, 4 * l.channels);
  by_float_dtype(op.y.dtype, [&](auto type) {
    using T = decltype(type);
    by_group(context, "lstmBackward", l, 6, [&](auto sequences, size_t bytes) {
      constexpr int B = decltype(sequences)::value;
      launch(context, backward<T, B>, dim3((unsigned)((l.sequences + B - 1) / B), (unsigned)l.directions),
             threads_of(l), bytes, l, data<T>(op.dy), data<float>(op.weight), data<T>(op.gates),
             data<float>(op.cells), data<T>(op.dprojected));
    });
    if (!op.dweight || l.tokens == 0) return;
    int32_t* previous = scratch<int32_t>(context, 1, l.directions * l.tokens);
    launch(context, list_previous, blocks_for(context, l.sequences * kWarp, 256), 256, 0, l, previous);
    const auto tiles = [](int64_t values) { return (unsigned)((values + kSide64 - 1) / kSide64); };
    launch(context, add_weight_gradient<T>, dim3(tiles(4 * l.size), tiles(l.size), (unsigned)l.directions),
           kAttentionBlock, 0, l, data<T>(op.dprojected), data<T>(op.y), previous, data<float>(op.dweight));
  });
  check_launch("lstmBackward");
}

}  // namespace everlearn::cuda
