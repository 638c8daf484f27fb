#include "missing_ops.h"

namespace everlearn::cuda {

namespace {

template <class Op>
bool absent(void (*function)(const Context&, const Op&)) {
  return function == nullptr;
}

}  // namespace

std::string missing_ops() {
  std::string names;
#define EVERLEARN_ADD_IF_MISSING(name, Struct) \
  if (absent<Struct>(&name)) names += (names.empty() ? "" : ", ") + std::string(#name);
  EVERLEARN_OPS(EVERLEARN_ADD_IF_MISSING)
#undef EVERLEARN_ADD_IF_MISSING
  return names;
}

void require_all_ops() {
  const std::string missing = missing_ops();
  if (!missing.empty())
    throw state_error("OPS_MISSING", "the CUDA backend of this build lacks these operations: " + missing +
                                         "; use device 'cpu', or a build that has them");
}

}  // namespace everlearn::cuda
