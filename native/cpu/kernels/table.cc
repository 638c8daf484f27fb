// The table of a level: the one place through which its kernels are reached.
#include "float_product.h"
#include "helpers.h"
#include "level.h"
#include "layout.h"

namespace everlearn::EVERLEARN_CPU {

#define EVERLEARN_DECLARE(name, Struct) void name(const Context&, const Struct&);
EVERLEARN_OPS(EVERLEARN_DECLARE)

}  // namespace everlearn::EVERLEARN_CPU

extern "C" const everlearn::BackendTable* EVERLEARN_JOIN(everlearn_kernels_, EVERLEARN_LEVEL)() {
  using namespace everlearn::EVERLEARN_CPU;
  constexpr decltype(nullptr) linear = nullptr, linearBackward = nullptr;  // they need the weights' versions
#define EVERLEARN_ENTRY(name, Struct) name,
  static const everlearn::BackendTable table = {everlearn::kBackendAbi, EVERLEARN_LEVEL_NAME,
                                                EVERLEARN_OPS(EVERLEARN_ENTRY)};
  return &table;
}

extern "C" const everlearn::KernelHelpers* EVERLEARN_JOIN(everlearn_helpers_, EVERLEARN_LEVEL)() {
  using namespace everlearn::EVERLEARN_CPU;
  static const everlearn::KernelHelpers helpers = {convert, transpose, multiply};
  return &helpers;
}
