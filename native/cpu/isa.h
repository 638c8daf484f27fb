// The instruction set levels that own kernels are compiled for.
#pragma once

#include <string>

#include "../ops.h"
#include "kernels/helpers.h"

namespace everlearn::cpu {

enum class Isa { v2, v3, v4, bf16 };  // x86-64-v2, -v3, -v4, -v4 with AVX512_BF16

struct IsaLevel {
  Isa isa;
  const char* name;
  const BackendTable* (*table)();
  const KernelHelpers* (*helpers)();
};

// The best level of this machine, or the one EVERLEARN_CPU_ISA names. Throws when that is unknown or above
// what the machine has. The first call also caps oneDNN, so it comes before any primitive; the choice holds
// for the process.
const IsaLevel& isa_level();

std::string gemm_version();

}  // namespace everlearn::cpu
