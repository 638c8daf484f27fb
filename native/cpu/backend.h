#pragma once

#include "../device.h"

namespace everlearn::cpu {

// The CPU backend with a team of `threads` (0: compute_threads()).
Backend make_backend(int threads);

}  // namespace everlearn::cpu
