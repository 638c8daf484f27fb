// NativeDevice: a device as JavaScript holds it, with `ops`, one function per op.
#pragma once

#include <napi.h>

#include <memory>

#include "../device.h"

namespace everlearn::addon {

class DeviceObject : public Napi::ObjectWrap<DeviceObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit DeviceObject(const Napi::CallbackInfo& call);
  // A new NativeDevice on `backend`.
  static Napi::Value create(Napi::Env env, Backend backend);

 private:
  Napi::Value allocate(const Napi::CallbackInfo& call);
  void upload(const Napi::CallbackInfo& call);
  Napi::Value read(const Napi::CallbackInfo& call);
  Napi::Value synchronize(const Napi::CallbackInfo& call);
  Napi::Value ready(const Napi::CallbackInfo& call);
  Napi::Value memory(const Napi::CallbackInfo& call);
  Napi::Value info(const Napi::CallbackInfo& call);
  void trim(const Napi::CallbackInfo& call);
  void close(const Napi::CallbackInfo& call);

  std::shared_ptr<Device> device_;
};

// An object with one function per op that queues it on `device`.
Napi::Object make_ops(Napi::Env env, const std::shared_ptr<Device>& device);
// [{name, fields}] of every op, from which the TypeScript declarations are made.
Napi::Array describe_ops(Napi::Env env);

}  // namespace everlearn::addon
