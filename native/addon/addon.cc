// The addon's entry: what JavaScript gets from `require`.
#include <napi.h>

#include <cstdlib>
#include <string>

#include "../cpu/isa.h"
#include "../cpu/threads.h"
#include "../device.h"
#include "device_object.h"
#include "environment.h"
#include "errors.h"
#include "map_file.h"
#include "tensor_object.h"

namespace everlearn::addon {

void Environment::report_memory(Napi::Env env, int64_t live_bytes) {
  constexpr int64_t kStep = int64_t{64} << 20;
  if (std::abs(live_bytes - reported_bytes) < kStep) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, live_bytes - reported_bytes);
  reported_bytes = live_bytes;
}

namespace {

void close_devices(Environment& environment) {
  for (const auto& device : environment.devices)
    if (const auto alive = device.lock()) alive->close();
}

// Before the environment goes: executors end first, for they settle promises of it.
void clean_up(Environment* environment) {
  close_devices(*environment);
  environment->settler->close();
}

// process.exit and uncaught errors end the process without cleanup hooks: an executor would go on while the
// static objects it uses, oneDNN's among them, are destroyed. The event `exit` comes before that in each
// case.
void close_devices_on_exit(Napi::Env env) {
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto close = Napi::Function::New(
      env, [](const Napi::CallbackInfo& call) { close_devices(Environment::of(call.Env())); },
      "closeDevices");
  process.Get("once").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), close});
}

// info(): what this build is on this machine, without opening a device.
Napi::Value build_info(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const cpu::IsaLevel& level = cpu::isa_level();
    const auto result = Napi::Object::New(call.Env());
    result.Set("isa", level.name);
    result.Set("threads", cpu::compute_threads());
    result.Set("gemm", cpu::gemm_version());
    result.Set("fastBfloat16", level.isa == cpu::Isa::bf16);
    result.Set("sanitized", static_cast<bool>(EVERLEARN_SANITIZED));
    return result;
  });
}

// openDevice({backend, threads?})
Napi::Value open_device(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    if (!call[0].IsObject()) throw argument_error("openDevice: wanted {backend, threads?}");
    const auto options = call[0].As<Napi::Object>();
    const Napi::Value backend = options.Get("backend"), threads = options.Get("threads");
    const std::string name = backend.IsString() ? backend.As<Napi::String>().Utf8Value() : "";
    if (name != "cpu")
      throw state_error("NO_DEVICE", "there is no backend '" + name + "' in this build: use 'cpu'");
    return Environment::of(call.Env()).device_constructor.New({threads});
  });
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment;
  env.SetInstanceData(environment);
  environment->settler = std::make_shared<Settler>(env);
  const Napi::Function tensor = TensorObject::define(env), device = DeviceObject::define(env);
  environment->tensor_constructor = Napi::Persistent(tensor);
  environment->device_constructor = Napi::Persistent(device);
  env.AddCleanupHook(clean_up, environment);
  close_devices_on_exit(env);
  exports.Set("openDevice", Napi::Function::New(env, open_device, "openDevice"));
  exports.Set("mapFile", Napi::Function::New(env, map_file, "mapFile"));
  exports.Set("info", Napi::Function::New(env, build_info, "info"));
  exports.Set("describeOps",
              Napi::Function::New(
                  env, [](const Napi::CallbackInfo& call) -> Napi::Value { return describe_ops(call.Env()); },
                  "describeOps"));
  return exports;
}

}  // namespace

NODE_API_MODULE(everlearn, initialise)

}  // namespace everlearn::addon
