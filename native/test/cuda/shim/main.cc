// Runs the kernel tests on the CUDA kernels; the last line counts them.
#include "../../kernels/harness.h"
#include "cuda_tests.h"

int main() {
  using namespace test;
  test_shim();
  test_elementwise();
  test_layout();
  test_random();
  test_rows();
  test_layer_norm();
  test_embedding();
  test_activations();
  test_attention();
  test_lstm();
  test_losses();
  test_optimiser();
  test_against_cpu();
  test_compute_copies();
  test_graphs();
  return finish();
}
