// The shim itself: it must show what a GPU would only sometimes show.
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../cuda/kernels/reduce.h"
#include "../../kernels/harness.h"
#include "cuda_tests.h"

namespace test {

namespace {

using namespace everlearn::cuda;

// Each thread takes its neighbour's number; with `careful` false it may not have been written yet.
__global__ void rotate(int* out, bool careful) {
  EVERLEARN_SHARED(numbers, int[64]);
  numbers[threadIdx.x] = (int)threadIdx.x;
  if (careful) __syncthreads();
  out[threadIdx.x] = numbers[(threadIdx.x + 1) % 64];
}
// A thread that has left is waited for.
__global__ void leave() {
  if (threadIdx.x == 5) return;
  __syncthreads();
}
__global__ void leave_warp(float* out) {
  if (threadIdx.x == 5) return;
  *out = warp_sum(1.0f);
}
[[maybe_unused]] __global__ void beyond() {
  volatile float* memory = dynamic_shared();
  memory[32] = 1;
}
__global__ void sums(float* out) {
  out[blockIdx.x * blockDim.x + threadIdx.x] = block_sum((float)(threadIdx.x + blockIdx.x));
}

bool same_in_every_order(bool careful) {
  std::vector<int> first;
  bool same = true;
  for (int order = 1; order <= 3; ++order) {
    std::vector<int> out(64);
    launch(context_of(order), rotate, 1, 64, 0, out.data(), careful);
    if (order == 1) first = out;
    same = same && out == first;
  }
  return same;
}

// Whether `body` ends its process other than by returning.
template <class Body>
bool ends_process(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (!std::freopen("/dev/null", "w", stderr)) _exit(0);
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace

void test_shim() {
  begin("shim");
  check(same_in_every_order(true), "a barrier orders what comes before and after");
  check(!same_in_every_order(false), "a missing barrier shows");
  check(ends_process([] { launch(context_of(1), leave, 1, 64, 0); }), "a thread missing at a barrier shows");
  check(ends_process([] {
          float out;
          launch(context_of(1), leave_warp, 1, 64, 0, &out);
        }),
        "a lane missing in its warp shows");
#ifdef __SANITIZE_ADDRESS__
  check(ends_process([] { launch(context_of(1), beyond, 1, 32, 32 * sizeof(float)); }),
        "a write beyond shared memory shows");
#endif
  std::vector<float> out(3 * 96);
  launch(context_of(3), sums, 3, 96, 0, out.data());
  bool right = true;
  for (int i = 0; i < 3 * 96; ++i) right = right && out[i] == (float)(95 * 96 / 2 + i / 96 * 96);
  check(right, "block_sum");
}

}  // namespace test
