#include "attention_reference.h"

namespace test {

AttentionResults attention_reference(const AttentionInputs& in) {
  const int64_t c = in.channels();
  AttentionResults r = {std::vector<double>(in.tokens * c), std::vector<double>(in.heads * in.tokens),
                        std::vector<double>(in.tokens * 3 * c)};
  const double scale = 1 / std::sqrt((double)in.size);
  for (size_t s = 0; s + 1 < in.offsets.size(); ++s)
    for (int64_t h = 0; h < in.heads; ++h)
      for (int64_t i = in.offsets[s]; i < in.offsets[s + 1]; ++i) {
        const int64_t start = in.offsets[s], n = in.offsets[s + 1] - start;
        std::vector<double> p(n), factor(n), dp(n);
        double most = -INFINITY, sum = 0, difference = 0;
        for (int64_t j = 0; j < n; ++j) {
          for (int64_t d = 0; d < in.size; ++d) p[j] += scale * in.q(i, h, d) * in.k(start + j, h, d);
          most = std::max(most, p[j]);
          factor[j] = in.factor((int64_t)s, h, i - start, j);
        }
        for (double& value : p) sum += value = std::exp(value - most);
        for (double& value : p) value /= sum;
        r.lse[h * in.tokens + i] = most + std::log(sum);
        double* dq = &r.dqkv[i * 3 * c + h * in.size];
        for (int64_t j = 0; j < n; ++j)
          for (int64_t d = 0; d < in.size; ++d) {
            const double upstream = in.dy[i * c + h * in.size + d];
            r.y[i * c + h * in.size + d] += p[j] * factor[j] * in.v(start + j, h, d);
            dp[j] += upstream * in.v(start + j, h, d) * factor[j];
            r.dqkv[(start + j) * 3 * c + 2 * c + h * in.size + d] += p[j] * factor[j] * upstream;
          }
        for (int64_t j = 0; j < n; ++j) difference += p[j] * dp[j];
        for (int64_t j = 0; j < n; ++j)
          for (int64_t d = 0; d < in.size; ++d) {
            const double ds = p[j] * (dp[j] - difference) * scale;
            dq[d] += ds * in.k(start + j, h, d);
            r.dqkv[(start + j) * 3 * c + c + h * in.size + d] += ds * in.q(i, h, d);
          }
      }
  return r;
}

}  // namespace test
