#include "isa.h"

#include <array>
#include <cstdlib>
#include <oneapi/dnnl/dnnl.h>

#include "../error.h"

#define EVERLEARN_LEVELS(LEVEL) LEVEL(v2) LEVEL(v3) LEVEL(v4) LEVEL(bf16)
namespace everlearn::cpu {

namespace {

#define EVERLEARN_LEVEL_ENTRY(level) \
  IsaLevel{Isa::level, #level, everlearn_kernels_##level, everlearn_helpers_##level},
const std::array kLevels = {EVERLEARN_LEVELS(EVERLEARN_LEVEL_ENTRY)};

Isa best_isa() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("x86-64-v2"))
    throw state_error("UNSUPPORTED_CPU", "this processor has no SSE4.2: everlearn needs x86-64-v2 or later");
  if (!__builtin_cpu_supports("x86-64-v3")) return Isa::v2;
  if (!__builtin_cpu_supports("x86-64-v4")) return Isa::v3;
  return __builtin_cpu_supports("avx512bf16") ? Isa::bf16 : Isa::v4;
}

const IsaLevel& choose() {
  const Isa best = best_isa();
  const IsaLevel* chosen = &kLevels[static_cast<size_t>(best)];
  if (const char* wanted = std::getenv("EVERLEARN_CPU_ISA"); wanted && *wanted) {
    const std::string name = wanted;
    chosen = nullptr;
    for (const IsaLevel& level : kLevels)
      if (name == level.name) chosen = &level;
    if (!chosen)
      throw state_error("UNKNOWN_ISA",
                        "EVERLEARN_CPU_ISA is '" + name + "': use v2, v3, v4 or bf16, or leave it unset");
    if (chosen->isa > best)
      throw state_error("UNSUPPORTED_CPU", "EVERLEARN_CPU_ISA is '" + name +
                                               "', but this processor reaches only '" +
                                               kLevels[static_cast<size_t>(best)].name + "'");
  }
  constexpr dnnl_cpu_isa_t kCaps[] = {dnnl_cpu_isa_sse41, dnnl_cpu_isa_avx2, dnnl_cpu_isa_avx512_core};
  if (chosen->isa != Isa::bf16) dnnl_set_max_cpu_isa(kCaps[static_cast<size_t>(chosen->isa)]);
  return *chosen;
}

}  // namespace

const IsaLevel& isa_level() {
  static const IsaLevel& level = choose();
  return level;
}

std::string gemm_version() {
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

}  // namespace everlearn::cpu
