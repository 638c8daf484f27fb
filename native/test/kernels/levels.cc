// The levels of the CPU backend.
#include "harness.h"

namespace test {

const std::vector<Level>& levels() {
  static const std::vector<Level> all = [] {
    std::vector<Level> found;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v2"))
      found.push_back({"v2", everlearn_kernels_v2(), everlearn_helpers_v2()});
    if (__builtin_cpu_supports("x86-64-v3"))
      found.push_back({"v3", everlearn_kernels_v3(), everlearn_helpers_v3()});
    if (__builtin_cpu_supports("x86-64-v4")) {
      found.push_back({"v4", everlearn_kernels_v4(), everlearn_helpers_v4()});
      if (__builtin_cpu_supports("avx512bf16"))
        found.push_back({"bf16", everlearn_kernels_bf16(), everlearn_helpers_bf16()});
    }
    return found;
  }();
  return all;
}

Context context_of(int threads) {
  Context context = {};
  context.threads = threads;
  context.scratch = scratch;
  return context;
}

}  // namespace test
