// Attention and its backward in double precision, one value at a time.
#pragma once

#include "harness.h"

namespace test {

struct AttentionInputs {
  int64_t tokens, heads, size;
  std::vector<int64_t> offsets;
  std::vector<double> qkv, dy;  // [tokens, 3, heads, size], [tokens, heads, size]
  // What a probability is multiplied by in dropout: 0 or 1 / (1 - p). `query` and `key` count from the
  // sequence's start.
  std::function<double(int64_t sequence, int64_t head, int64_t query, int64_t key)> factor;

  int64_t channels() const { return heads * size; }
  const double& q(int64_t t, int64_t h, int64_t d) const { return qkv[t * 3 * channels() + h * size + d]; }
  const double& k(int64_t t, int64_t h, int64_t d) const { return (&q(t, h, d))[channels()]; }
  const double& v(int64_t t, int64_t h, int64_t d) const { return (&q(t, h, d))[2 * channels()]; }
};
struct AttentionResults {
  std::vector<double> y, lse, dqkv;  // lse [heads, tokens]
};

AttentionResults attention_reference(const AttentionInputs& in);

}  // namespace test
