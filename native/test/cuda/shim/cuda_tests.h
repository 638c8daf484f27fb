// Cases that only the CUDA kernels have.
#pragma once

#include "../../kernels/harness.h"

namespace test {

void test_shim();
void test_against_cpu();
void test_compute_copies();
void test_graphs();

// What `body` gives when all it launches is captured and run afterwards.
Outputs as_graph(const std::function<Outputs(const Context&)>& body);

// What context_of() says of the device from now on.
constexpr int kSharedBytes = 163 << 10;  // an A100's
void set_shared_bytes(int bytes);

}  // namespace test
