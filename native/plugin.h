// The boundary between the addon and a backend in a library of its own (libeverlearn_cuda.so): C functions
// and plain data, for the two have their own copies of the C++ library. No exception crosses it: a function
// that can fail returns what went wrong, or null.
#pragma once

#include "backend.h"
#include "error.h"
#include "ops.h"

namespace everlearn {

// Lives until the same thread calls the plugin again.
struct PluginFailure {
  ErrorKind kind;
  const char* code;
  const char* message;
};
using PluginResult = const PluginFailure*;

struct PluginOptions {
  int32_t index = 0;           // of the device
  bool deterministic = false;  // only forms whose results do not depend on timing
};

// Sums and copies over all ranks. all_reduce: out = the sum of all ranks' in; reduce_scatter: out = this
// rank's part of that sum; all_gather: out = all ranks' in, in order of rank; broadcast: out = in of rank
// `root`.
enum class Collective : int32_t { all_reduce, reduce_scatter, all_gather, broadcast };

constexpr size_t kCommunicatorIdBytes = 128;

struct CommunicatorOptions {
  const uint8_t* id;  // the same on all ranks, made by one of them
  int32_t rank, size;
  double timeout;  // seconds, of joining and of each collective
};

// An open device: what Backend (device.h) asks of it. Functions run on the executor thread unless they say
// otherwise.
struct PluginDevice {
  void* self;
  char name[256], isa[16], gemm[64];
  BackendTable table;
  const Context* context;

  void (*start)(void* self);
  void (*finish)(void* self);         // returns when everything is done
  PluginResult (*check)(void* self);  // what the last op failed with
  void (*forget)(void* self, uint64_t storage);
  // `done` is called from another thread once everything launched so far is done.
  PluginResult (*complete)(void* self, void (*done)(void* argument, PluginResult failure), void* argument);

  // As Backend::replay. `body` returns false when something in it failed, which is for the caller to tell.
  PluginResult (*replay)(void* self, void** captured, bool anew, bool (*body)(void* argument),
                         void* argument);
  void (*drop)(void* self, void* captured);

  // From any thread; *data is null when no memory is left.
  PluginResult (*allocate)(void* self, size_t bytes, void** data);
  void (*free)(void* self, void* data);  // once what was launched so far is done
  void (*trim)(void* self);
  size_t (*free_bytes)(void* self);           // from any thread
  void* (*stage)(void* self, size_t bytes);   // from any thread; host memory, null: none left
  void (*unstage)(void* self, void* staged);  // from any thread
  PluginResult (*write)(void* self, void* to, const void* staged, size_t bytes);
  PluginResult (*read)(void* self, void* to, const void* from, size_t bytes);

  // A mark is passed once everything launched before it is done. `seconds`, between two that are, and
  // `unmark` from any thread.
  PluginResult (*mark)(void* self, void** mark);
  double (*seconds)(const void* from, const void* to);
  void (*unmark)(void* mark);

  // The device's communicator; it has one at most. `communicator_join` opens it, waiting for all ranks, and
  // closes the one before; without options it only closes.
  PluginResult (*communicator_join)(void* self, const CommunicatorOptions* options);
  PluginResult (*communicate)(void* self, Collective operation, const View* in, const View* out,
                              int32_t root);
  PluginResult (*communicator_wait)(void* self);  // what is launched later waits for the collectives so far
  void (*communicator_abort)(void* self);         // from any thread

  void (*close)(void* self);  // from any thread; after finish
};

// Differs between versions whose ops or functions differ: a library that an older build left behind is told
// by it.
constexpr uint32_t kPluginAbi = [] {
  uint32_t hash = 1 + sizeof(PluginDevice) + sizeof(Context);
#define EVERLEARN_HASH_OP(name, Struct)                                   \
  for (const char c : #name) hash = hash * 31 + static_cast<uint32_t>(c); \
  hash = hash * 31 + sizeof(Struct);
  EVERLEARN_OPS(EVERLEARN_HASH_OP)
#undef EVERLEARN_HASH_OP
  return hash;
}();

}  // namespace everlearn

extern "C" {
using everlearn_cuda_open_function = everlearn::PluginResult(uint32_t abi,
                                                             const everlearn::PluginOptions* options,
                                                             everlearn::PluginDevice* device);
using everlearn_cuda_communicator_id_function =
    everlearn::PluginResult(uint8_t id[everlearn::kCommunicatorIdBytes]);
// What there is, as JSON; lives until the next call. Null: another abi.
using everlearn_cuda_describe_function = const char*(uint32_t abi);
}
