// Memory of the CPU backend: that of the process.
#pragma once

#include "../device.h"

namespace everlearn::cpu {

DeviceMemory process_memory();

}  // namespace everlearn::cpu
