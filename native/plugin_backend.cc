#include "plugin_backend.h"

#include <dlfcn.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace everlearn {

namespace {

constexpr const char* kFile = "libeverlearn_cuda.so";

// Beside the library this function is in.
std::string path_beside() {
  Dl_info info{};
  dladdr(reinterpret_cast<const void*>(&open_cuda), &info);
  const std::string own = info.dli_fname ? info.dli_fname : "";
  return own.substr(0, own.rfind('/') + 1) + kFile;
}

Error no_backend(const std::string& reason) {
  return state_error("NO_CUDA_BACKEND", "this build of everlearn has no CUDA backend: " + reason +
                                            "; build it where nvcc is (docs/cuda.md), or use device 'cpu'");
}

struct Plugin {
  everlearn_cuda_open_function* open = nullptr;
  everlearn_cuda_describe_function* describe = nullptr;
  everlearn_cuda_communicator_id_function* communicator_id = nullptr;
  std::string problem;
};

const Plugin& plugin() {
  static const Plugin loaded = [] {
    Plugin plugin;
    void* handle = dlopen(path_beside().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
      plugin.problem = dlerror();
      return plugin;
    }
    const auto find = [handle](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, name));
      return function != nullptr;
    };
    if (!find(plugin.open, "everlearn_cuda_open") || !find(plugin.describe, "everlearn_cuda_describe") ||
        !find(plugin.communicator_id, "everlearn_cuda_communicator_id") || !plugin.describe(kPluginAbi))
      plugin.problem = path_beside() + " belongs to another version of the addon";
    return plugin;
  }();
  if (!loaded.problem.empty()) throw no_backend(loaded.problem);
  return loaded;
}

std::exception_ptr failure_of(PluginResult result) {
  return result ? std::make_exception_ptr(Error(result->kind, result->code, result->message)) : nullptr;
}

void require(PluginResult result) {
  if (result) throw Error(result->kind, result->code, result->message);
}

void complete(const PluginDevice& device, Stream::Done done) {
  auto* held = new Stream::Done(std::move(done));
  const PluginResult refused = device.complete(
      device.self,
      [](void* argument, PluginResult failure) {
        const std::unique_ptr<Stream::Done> done(static_cast<Stream::Done*>(argument));
        (*done)(failure_of(failure));
      },
      held);
  if (!refused) return;
  const std::unique_ptr<Stream::Done> owned(held);
  (*owned)(failure_of(refused));
}

// No exception crosses the boundary: what the body throws waits on this side of it.
void replay(const PluginDevice& device, void** captured, bool anew, const std::function<void()>& body) {
  struct Run {
    const std::function<void()>& body;
    std::exception_ptr failure;
  } run{body, nullptr};
  const PluginResult result = device.replay(
      device.self, captured, anew,
      [](void* argument) {
        Run& run = *static_cast<Run*>(argument);
        run.failure = nullptr;
        try {
          run.body();
        } catch (...) {
          run.failure = std::current_exception();
        }
        return !run.failure;
      },
      &run);
  require(result);
  if (run.failure) std::rethrow_exception(run.failure);
}

}  // namespace

Backend open_cuda(const PluginOptions& options) {
  const std::shared_ptr<PluginDevice> device(new PluginDevice{}, [](PluginDevice* opened) {
    if (opened->self) opened->close(opened->self);
    delete opened;
  });
  require(plugin().open(kPluginAbi, &options, device.get()));

  Backend backend;
  backend.info.backend = "cuda";
  backend.info.device = "cuda:" + std::to_string(options.index);
  backend.info.name = device->name;
  backend.info.isa = device->isa;
  backend.info.gemm = device->gemm;
  backend.info.fast_bfloat16 = true;
  backend.table = device->table;
  backend.start = [device] { device->start(device->self); };
  backend.finish = [device] { device->finish(device->self); };
  backend.context = [device]() -> const Context& { return *device->context; };
  backend.forget = [device](uint64_t storage) { device->forget(device->self, storage); };
  backend.check = [device] { require(device->check(device->self)); };
  backend.complete = [device](Stream::Done done) { complete(*device, std::move(done)); };
  backend.clock.mark = [device]() -> std::shared_ptr<void> {
    void* mark = nullptr;
    require(device->mark(device->self, &mark));
    return {mark, [device](void* mark) { device->unmark(mark); }};
  };
  backend.clock.seconds = device->seconds;

  backend.replay = [device](void** captured, bool anew, const std::function<void()>& body) {
    replay(*device, captured, anew, body);
  };
  backend.drop = [device](void* captured) { device->drop(device->self, captured); };

  DeviceMemory& memory = backend.memory;
  memory.source.allocate = [device](size_t bytes) {
    void* data = nullptr;
    require(device->allocate(device->self, bytes, &data));
    return data;
  };
  memory.source.free = [device](void* data) { device->free(device->self, data); };
  memory.trim = [device] { device->trim(device->self); };
  memory.shortage = [device] {
    return ", " + std::to_string(device->free_bytes(device->self)) + " bytes free on the device";
  };
  memory.stage = [device](size_t bytes) -> std::shared_ptr<void> {
    void* staged = device->stage(device->self, bytes);
    if (!staged)
      throw state_error("OUT_OF_MEMORY", "out of memory: " + std::to_string(bytes) +
                                             " bytes of host memory asked for, for a transfer to the device");
    return {staged, [device](void* data) { device->unstage(device->self, data); }};
  };
  memory.write = [device](void* to, const std::shared_ptr<void>& staged, size_t bytes) {
    require(device->write(device->self, to, staged.get(), bytes));
  };
  memory.read = [device](void* to, const void* from, size_t bytes) {
    require(device->read(device->self, to, from, bytes));
  };

  DeviceCommunication& communication = backend.communication;
  communication.join = [device](const CommunicatorOptions* options) {
    require(device->communicator_join(device->self, options));
  };
  communication.run = [device](Collective operation, const View& in, const View& out, int root) {
    require(device->communicate(device->self, operation, &in, &out, root));
  };
  communication.wait = [device] { require(device->communicator_wait(device->self)); };
  communication.abort = [device] { device->communicator_abort(device->self); };
  return backend;
}

void make_communicator_id(uint8_t id[kCommunicatorIdBytes]) { require(plugin().communicator_id(id)); }

std::string describe_cuda() { return plugin().describe(kPluginAbi); }

}  // namespace everlearn
