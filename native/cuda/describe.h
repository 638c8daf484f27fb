// What the CUDA backend finds on this machine.
#pragma once

#include <string>

namespace everlearn::cuda {

// JSON: {architectures, driver: {version}, problem: {code, message} | null, devices: [{index, name,
// capability, memoryBytes}], libraries: [{name, version, path, problem}]}. Nothing is left out because
// something is missing.
std::string description();

}  // namespace everlearn::cuda
