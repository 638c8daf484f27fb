// The addon's entry: what JavaScript gets from `require`.
#include <napi.h>

#include <cstdlib>
#include <string>

#include "../cpu/backend.h"
#include "../cpu/isa.h"
#include "../cpu/threads.h"
#include "../device.h"
#include "../plugin_backend.h"
#include "device_object.h"
#include "environment.h"
#include "errors.h"
#include "graph_object.h"
#include "map_file.h"
#include "tensor_object.h"

namespace everlearn::addon {

void Environment::report_memory(Napi::Env env) {
  constexpr int64_t kStep = int64_t{64} << 20;
  int64_t live_bytes = 0;
  for (const auto& device : devices)
    if (const auto alive = device.lock()) live_bytes += static_cast<int64_t>(alive->memory().live);
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

template <class Value, class Default>
Default option(const Napi::Object& options, const char* name, Default absent) {
  const Napi::Value value = options.Get(name);
  return value.IsUndefined() || value.IsNull() ? absent : static_cast<Default>(value.As<Value>());
}

// openDevice({backend, threads?, index?, deterministic?})
Napi::Value open_device(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    if (!call[0].IsObject())
      throw argument_error("openDevice: wanted {backend, threads?, index?, deterministic?}");
    const auto options = call[0].As<Napi::Object>();
    const auto name = option<Napi::String>(options, "backend", std::string());
    if (name == "cpu")
      return DeviceObject::create(call.Env(), cpu::make_backend(option<Napi::Number>(options, "threads", 0)));
    if (name != "cuda")
      throw state_error("NO_DEVICE", "there is no backend '" + name + "': use 'cpu' or 'cuda'");
    PluginOptions plugin;
    plugin.index = option<Napi::Number>(options, "index", 0);
    plugin.deterministic = option<Napi::Boolean>(options, "deterministic", false);
    return DeviceObject::create(call.Env(), open_cuda(plugin));
  });
}

// describeCuda(): JSON text of what the CUDA backend finds on this machine.
Napi::Value cuda_description(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value { return Napi::String::New(call.Env(), describe_cuda()); });
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment;
  env.SetInstanceData(environment);
  environment->settler = std::make_shared<Settler>(env);
  const Napi::Function tensor = TensorObject::define(env), device = DeviceObject::define(env),
                       graph = GraphObject::define(env);
  environment->tensor_constructor = Napi::Persistent(tensor);
  environment->device_constructor = Napi::Persistent(device);
  environment->graph_constructor = Napi::Persistent(graph);
  env.AddCleanupHook(clean_up, environment);
  close_devices_on_exit(env);
  exports.Set("openDevice", Napi::Function::New(env, open_device, "openDevice"));
  exports.Set("describeCuda", Napi::Function::New(env, cuda_description, "describeCuda"));
  exports.Set("communicatorId", Napi::Function::New(env, communicator_id, "communicatorId"));
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
