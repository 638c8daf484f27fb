// Cases that only the CUDA kernels have.
#pragma once

namespace test {

void test_shim();
void test_against_cpu();
void test_compute_copies();

// What context_of() says of the device from now on.
constexpr int kSharedBytes = 163 << 10;  // an A100's
void set_shared_bytes(int bytes);

}  // namespace test
