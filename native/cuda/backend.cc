// What the addon finds in this library: an open GPU as a table of C functions.
#include <cuda_runtime_api.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "../plugin.h"
#include "attention.h"
#include "compute_copies.h"
#include "describe.h"
#include "gpu.h"
#include "libraries.h"
#include "missing_ops.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

// The last failure that this thread told of.
struct Told {
  std::string code, message;
  PluginFailure failure;
};

PluginResult tell(ErrorKind kind, const std::string& code, const std::string& message) {
  thread_local Told told;
  told.code = code;
  told.message = message;
  told.failure = {kind, told.code.c_str(), told.message.c_str()};
  return &told.failure;
}

// Runs `body`; what it throws is the result.
template <class Body>
PluginResult guarded(const std::string& prefix, Body&& body) {
  try {
    body();
    return nullptr;
  } catch (const Error& error) {
    return tell(error.kind(), error.code(), prefix + error.what());
  } catch (const std::exception& error) {
    return tell(ErrorKind::state, "NATIVE", prefix + error.what());
  }
}

Gpu& gpu(void* self) { return *static_cast<Gpu*>(self); }

// What the last op of this (executor) thread failed with.
thread_local PluginResult op_failure = nullptr;

template <class Op, void (*Function)(const Context&, const Op&)>
struct Named {
  template <const char* Name>
  static void run(const Context& context, const Op& op) {
    op_failure = guarded(std::string(Name) + ": ", [&] { Function(context, op); });
  }
};

#define EVERLEARN_OP_NAME(name, Struct) constexpr char name##_text[] = #name;
EVERLEARN_OPS(EVERLEARN_OP_NAME)
#undef EVERLEARN_OP_NAME

BackendTable make_table() {
  BackendTable table{};
  table.abi = kBackendAbi;
  table.name = "cuda";
#define EVERLEARN_TABLE_ENTRY(name, Struct) table.name = Named<Struct, &cuda::name>::run<name##_text>;
  EVERLEARN_OPS(EVERLEARN_TABLE_ENTRY)
#undef EVERLEARN_TABLE_ENTRY
  return table;
}

PluginResult complete(void* self, void (*done)(void*, PluginResult), void* argument) {
  return guarded("", [&] {
    gpu(self).complete([self, done, argument](cudaError_t status) {
      done(argument, guarded("", [&] {
             if (const auto failure = gpu(self).communication_failure()) std::rethrow_exception(failure);
             check(status, "running what was queued");
           }));
    });
  });
}

void fill(PluginDevice* device, Gpu* opened) {
  const Properties& properties = opened->state().properties;
  cudaDeviceProp details{};
  check(cudaGetDeviceProperties(&details, properties.index), "asking for the GPU's name");
  std::snprintf(device->name, sizeof device->name, "%s", details.name);
  std::snprintf(device->isa, sizeof device->isa, "sm_%d", properties.capability);
  std::snprintf(device->gemm, sizeof device->gemm, "cuBLASLt %s, attention by %s",
                libraries().cublaslt_version.c_str(),
                opened->state().attentions ? ("cuDNN " + libraries().cudnn_version).c_str() : "own kernels");
  device->table = make_table();
  device->context = &opened->context();
  device->start = [](void* self) { gpu(self).start(); };
  device->finish = [](void* self) { gpu(self).finish(); };
  device->check = [](void*) { return std::exchange(op_failure, nullptr); };
  device->forget = [](void* self, uint64_t storage) { gpu(self).state().copies->forget(storage); };
  device->complete = complete;
  device->replay = [](void* self, void** captured, bool anew, bool (*body)(void*), void* argument) {
    return guarded("", [&] { gpu(self).graphs().replay(captured, anew, [&] { return body(argument); }); });
  };
  device->drop = [](void*, void* captured) { Graphs::drop(captured); };
  device->allocate = [](void* self, size_t bytes, void** data) {
    return guarded("", [&] { *data = gpu(self).allocate(bytes); });
  };
  device->free = [](void* self, void* data) { gpu(self).free(data); };
  device->trim = [](void* self) { gpu(self).trim(); };
  device->free_bytes = [](void* self) { return gpu(self).free_bytes(); };
  device->stage = [](void* self, size_t bytes) { return gpu(self).staging().take(bytes); };
  device->unstage = [](void* self, void* staged) { gpu(self).staging().give_back(staged); };
  device->write = [](void* self, void* to, const void* staged, size_t bytes) {
    return guarded("upload: ", [&] { gpu(self).write(to, staged, bytes); });
  };
  device->read = [](void* self, void* to, const void* from, size_t bytes) {
    return guarded("read: ", [&] { gpu(self).read(to, from, bytes); });
  };
  device->mark = [](void* self, void** mark) { return guarded("", [&] { *mark = gpu(self).mark(); }); };
  device->seconds = [](const void* from, const void* to) { return Gpu::seconds(from, to); };
  device->unmark = [](void* mark) { cudaEventDestroy(static_cast<cudaEvent_t>(mark)); };
  device->communicator_join = [](void* self, const CommunicatorOptions* options) {
    return guarded("", [&] { gpu(self).set_communicator(options); });
  };
  device->communicate = [](void* self, Collective operation, const View* in, const View* out, int32_t root) {
    return guarded("", [&] { gpu(self).communicator()->launch(operation, *in, *out, root); });
  };
  device->communicator_wait = [](void* self) {
    return guarded("", [&] { gpu(self).communicator()->join(); });
  };
  device->communicator_abort = [](void* self) {
    guarded("", [&] { gpu(self).communicator()->abort("this process gave up training together"); });
  };
  device->close = [](void* self) { delete static_cast<Gpu*>(self); };
}

}  // namespace

}  // namespace everlearn::cuda

using everlearn::PluginDevice;
using everlearn::PluginOptions;
using everlearn::PluginResult;

extern "C" __attribute__((visibility("default"))) PluginResult everlearn_cuda_open(
    uint32_t abi, const PluginOptions* options, PluginDevice* device) {
  using namespace everlearn::cuda;
  return guarded("", [&] {
    if (abi != everlearn::kPluginAbi)
      throw everlearn::state_error("NO_CUDA_BACKEND",
                                   "the CUDA backend is of another version than the addon");
    require_gpu(options->index);
    require_all_ops();
    auto opened = std::make_unique<Gpu>(*options);
    fill(device, opened.get());
    device->self = opened.release();
  });
}

extern "C" __attribute__((visibility("default"))) PluginResult everlearn_cuda_communicator_id(
    uint8_t id[everlearn::kCommunicatorIdBytes]) {
  using namespace everlearn::cuda;
  return guarded("", [&] { Communicator::make_id(id); });
}

extern "C" __attribute__((visibility("default"))) const char* everlearn_cuda_describe(uint32_t abi) {
  thread_local std::string text;
  if (abi != everlearn::kPluginAbi) return nullptr;
  text = everlearn::cuda::description();
  return text.c_str();
}
