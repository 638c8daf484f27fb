#pragma once

#include <napi.h>

namespace everlearn::addon {

// mapFile(path): the file's bytes as an ArrayBuffer over a private memory map. Writing to it changes neither
// the file nor what others see. Throws Error with code ENOENT, EACCES, ….
Napi::Value map_file(const Napi::CallbackInfo& call);

}  // namespace everlearn::addon
