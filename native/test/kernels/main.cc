// Runs every case on every level this machine has; the last line counts them.
#include "harness.h"

int main() {
  using namespace test;
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
  test_product();
  return finish();
}
