// Backends in libraries beside the addon.
#pragma once

#include <string>

#include "device.h"
#include "plugin.h"

namespace everlearn {

// A device of libeverlearn_cuda.so. Throws NO_CUDA_BACKEND where that library is not beside the addon or does
// not load, and what the library finds wrong: NO_DRIVER, DRIVER_TOO_OLD, NO_GPU, NO_DEVICE, LIBRARY_MISSING.
Backend open_cuda(const PluginOptions& options);

// An id that one rank makes and all ranks join a communicator by. Throws NO_CUDA_BACKEND, LIBRARY_MISSING,
// COMMUNICATION.
void make_communicator_id(uint8_t id[kCommunicatorIdBytes]);

// What the library says of itself, as JSON. Throws NO_CUDA_BACKEND.
std::string describe_cuda();

}  // namespace everlearn
