#include "device_object.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "../dtype.h"
#include "environment.h"
#include "errors.h"
#include "graph_object.h"
#include "tensor_object.h"

namespace everlearn::addon {

namespace {

constexpr size_t kReadyLimit = 256;  // commands; more ahead of the executor only hold memory

struct Bytes {
  const void* data;
  size_t size;
};

Bytes bytes_of(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const auto array = value.As<Napi::TypedArray>();
    return {static_cast<const char*>(array.ArrayBuffer().Data()) + array.ByteOffset(), array.ByteLength()};
  }
  throw argument_error("upload: wanted a typed array");
}

}  // namespace

Napi::Function DeviceObject::define(Napi::Env env) {
  using D = DeviceObject;
  return DefineClass(
      env, "NativeDevice",
      {InstanceMethod<&D::allocate>("allocate"), InstanceMethod<&D::upload>("upload"),
       InstanceMethod<&D::read>("read"), InstanceMethod<&D::synchronize>("synchronize"),
       InstanceMethod<&D::ready>("ready"), InstanceMethod<&D::memory>("memory"),
       InstanceMethod<&D::info>("info"), InstanceMethod<&D::trim>("trim"),
       InstanceMethod<&D::begin_recording>("beginRecording"),
       InstanceMethod<&D::end_recording>("endRecording"), InstanceMethod<&D::start_profile>("startProfile"),
       InstanceMethod<&D::end_profile>("endProfile"),
       InstanceMethod<&D::join_communicator>("joinCommunicator"),
       InstanceMethod<&D::communicate>("communicate"),
       InstanceMethod<&D::wait_for_communication>("waitForCommunication"),
       InstanceMethod<&D::abort_communicator>("abortCommunicator"), InstanceMethod<&D::close>("close")});
}

DeviceObject::DeviceObject(const Napi::CallbackInfo& call) : ObjectWrap(call) {
  if (call.Length() != 1 || !call[0].IsExternal())
    throw Napi::TypeError::New(call.Env(), "a NativeDevice is made by openDevice()");
  guarded(call.Env(), [&] {
    device_ = std::make_shared<Device>(std::move(*call[0].As<Napi::External<Backend>>().Data()));
    Environment::of(call.Env()).devices.push_back(device_);
    call.This().As<Napi::Object>().Set("ops", make_ops(call.Env(), device_));
  });
}

Napi::Value DeviceObject::create(Napi::Env env, Backend backend) {
  return Environment::of(env).device_constructor.New({Napi::External<Backend>::New(env, &backend)});
}

Napi::Value DeviceObject::allocate(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&] {
    const std::string name = call[1].IsString() ? call[1].As<Napi::String>().Utf8Value() : "";
    const auto dtype = dtype_named(name);
    if (!dtype)
      throw dtype_error("'" + name + "' is no dtype: use float32, bfloat16, float16, int32 or uint8");
    const std::string operation = call[2].IsString() ? call[2].As<Napi::String>().Utf8Value() : "";
    return TensorObject::wrap(call.Env(), Tensor::allocate(device_, shape_from(call[0]), *dtype, operation));
  });
}

const Tensor& DeviceObject::own(const Napi::Value& value, const char* what) const {
  const Tensor& tensor = TensorObject::unwrap(value, what);
  if (&tensor.device() != device_.get())
    throw argument_error(std::string(what) + ": this tensor is another device's");
  return tensor;
}

void DeviceObject::upload(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    device_->require_open();
    device_->require_no_recording("upload");
    const Tensor& tensor = own(call[0], "upload");
    const Bytes bytes = bytes_of(call[1]);
    if (bytes.size != tensor.bytes())
      throw shape_error("upload: the array has " + std::to_string(bytes.size) + " bytes, the tensor " +
                        shape_text(tensor.view()) + " of " + everlearn::info(tensor.view().dtype).name +
                        " has " + std::to_string(tensor.bytes()));
    if (bytes.size == 0) return;
    ++tensor.storage().version;
    ++tensor.storage().edits;
    auto staged = device_->transfers().stage(bytes.size);
    std::memcpy(staged.get(), bytes.data, bytes.size);
    device_->stream().enqueue([&memory = device_->transfers(), staged = std::move(staged),
                               to = tensor.view().data,
                               size = bytes.size] { memory.write(to, staged, size); });
  });
}

Napi::Value DeviceObject::read(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->require_open();
    device_->require_no_recording("read");
    const Tensor& tensor = own(call[0], "read");
    // The executor writes into the buffer that JavaScript gets: its memory does not move, and the reference
    // keeps it.
    auto buffer = Napi::ArrayBuffer::New(call.Env(), tensor.bytes());
    auto reference = std::make_shared<Napi::Reference<Napi::ArrayBuffer>>(Napi::Persistent(buffer));
    std::function<void(std::exception_ptr)> settle;
    const auto promise =
        Environment::of(call.Env())
            .settler->promise(
                call.Env(), [reference](Napi::Env) -> Napi::Value { return reference->Value(); }, &settle);
    device_->stream().wait(
        [&memory = device_->transfers(), from = tensor.view().data, to = buffer.Data(),
         size = tensor.bytes()] {
          if (size) memory.read(to, from, size);
        },
        std::move(settle));
    return promise;
  });
}

Napi::Value DeviceObject::promised(Napi::Env env, Stream::Work work) {
  std::function<void(std::exception_ptr)> settle;
  const auto promise = Environment::of(env).settler->promise(
      env, [](Napi::Env env) { return env.Undefined(); }, &settle);
  device_->stream().wait(std::move(work), std::move(settle));
  return promise;
}

Napi::Value DeviceObject::synchronize(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->require_open();
    return promised(call.Env(), nullptr);
  });
}

Napi::Value DeviceObject::ready(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->require_open();
    std::function<void(std::exception_ptr)> settle;
    const auto promise = Environment::of(call.Env())
                             .settler->promise(
                                 call.Env(), [](Napi::Env env) { return env.Undefined(); }, &settle);
    device_->stream().ready(kReadyLimit, std::move(settle));
    return promise;
  });
}

Napi::Value DeviceObject::memory(const Napi::CallbackInfo& call) {
  const MemoryCounts counts = device_->memory();
  const auto result = Napi::Object::New(call.Env());
  result.Set("live", static_cast<double>(counts.live));
  result.Set("cached", static_cast<double>(counts.cached));
  result.Set("peak", static_cast<double>(counts.peak));
  return result;
}

Napi::Value DeviceObject::info(const Napi::CallbackInfo& call) {
  const DeviceInfo& info = device_->info();
  const auto result = Napi::Object::New(call.Env());
  result.Set("backend", info.backend);
  result.Set("device", info.device);
  result.Set("name", info.name);
  result.Set("isa", info.isa);
  result.Set("threads", info.threads);
  result.Set("gemm", info.gemm);
  result.Set("fastBfloat16", info.fast_bfloat16);
  return result;
}

void DeviceObject::trim(const Napi::CallbackInfo&) { device_->trim(); }

void DeviceObject::begin_recording(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    device_->require_open();
    device_->require_no_recording("record");
    held_before_ = device_->recorded_bytes();
    recording_ = std::make_unique<Graph>(device_);
    device_->recording = recording_.get();
  });
}

Napi::Value DeviceObject::end_recording(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->recording = nullptr;
    std::unique_ptr<Graph> ended = std::move(recording_);
    if (!ended || !call[0].ToBoolean()) return call.Env().Null();
    if (const size_t held = device_->recorded_bytes(); held > held_before_)
      throw state_error("RECORDING",
                        "record: " + std::to_string(held - held_before_) +
                            " bytes of tensors that were made while recording are still held, but a graph's "
                            "memory holds nothing after a run: make them before, and copy results into them");
    return GraphObject::wrap(call.Env(), std::move(ended));
  });
}

void DeviceObject::close(const Napi::CallbackInfo&) { device_->close(); }

}  // namespace everlearn::addon
