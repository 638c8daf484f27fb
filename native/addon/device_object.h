// NativeDevice: a device as JavaScript holds it, with `ops`, one function per op.
#pragma once

#include <napi.h>

#include <memory>

#include "../device.h"
#include "../graph.h"
#include "../tensor.h"

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
  // From beginRecording() to endRecording(keep) ops are recorded; the latter gives the graph, or null.
  void begin_recording(const Napi::CallbackInfo& call);
  Napi::Value end_recording(const Napi::CallbackInfo& call);
  // How long operations take (device_profile.cc).
  void start_profile(const Napi::CallbackInfo& call);
  Napi::Value end_profile(const Napi::CallbackInfo& call);
  // Collectives (device_communication.cc).
  Napi::Value join_communicator(const Napi::CallbackInfo& call);
  void communicate(const Napi::CallbackInfo& call);
  void wait_for_communication(const Napi::CallbackInfo& call);
  void abort_communicator(const Napi::CallbackInfo& call);
  void close(const Napi::CallbackInfo& call);

  // The tensor in `value`, which must be this device's.
  const Tensor& own(const Napi::Value& value, const char* what) const;
  // A promise settled once `work` has run on the executor and what it launched is done.
  Napi::Value promised(Napi::Env env, Stream::Work work);

  std::shared_ptr<Device> device_;
  std::unique_ptr<Graph> recording_;
  size_t held_before_ = 0;  // bytes in tensors that earlier recordings made
  int ranks_ = 0;           // of the communicator
};

// communicatorId(): an Uint8Array.
Napi::Value communicator_id(const Napi::CallbackInfo& call);

// An object with one function per op that queues it on `device`.
Napi::Object make_ops(Napi::Env env, const std::shared_ptr<Device>& device);
// [{name, fields}] of every op, from which the TypeScript declarations are made.
Napi::Array describe_ops(Napi::Env env);

}  // namespace everlearn::addon
