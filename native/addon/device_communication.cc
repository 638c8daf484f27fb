// Collectives of a NativeDevice.
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "../dtype.h"
#include "../plugin_backend.h"
#include "device_object.h"
#include "errors.h"
#include "tensor_object.h"

namespace everlearn::addon {

namespace {

struct CollectiveForm {
  const char* name;
  Collective operation;
  // How many times as many elements as `out` has `in`, in ranks: 0 the same, 1 as many times, -1 as many
  // times fewer.
  int input_ranks;
};
constexpr CollectiveForm kForms[] = {{"allReduce", Collective::all_reduce, 0},
                                     {"reduceScatter", Collective::reduce_scatter, 1},
                                     {"allGather", Collective::all_gather, -1},
                                     {"broadcast", Collective::broadcast, 0}};

const CollectiveForm& form_named(const std::string& name) {
  for (const CollectiveForm& form : kForms)
    if (name == form.name) return form;
  throw argument_error("communicate: '" + name +
                       "' is not one of allReduce, reduceScatter, allGather, broadcast");
}

const DeviceCommunication& communication_of(const Device& device) {
  if (!device.communication().join)
    throw state_error("COMMUNICATION",
                      "device '" + device.info().device + "' has no collectives: they are for GPUs");
  return device.communication();
}

void check_sizes(const CollectiveForm& form, const Tensor& in, const Tensor& out, int ranks) {
  if (in.view().dtype != out.view().dtype)
    throw dtype_error(std::string(form.name) + ": the input is " + info(in.view().dtype).name +
                      ", the output " + info(out.view().dtype).name);
  const int64_t wanted_in = in.elements() * (form.input_ranks < 0 ? ranks : 1);
  const int64_t wanted_out = out.elements() * (form.input_ranks > 0 ? ranks : 1);
  if (wanted_in != wanted_out)
    throw shape_error(std::string(form.name) + ": the input has " + std::to_string(in.elements()) +
                      " elements, the output " + std::to_string(out.elements()) + ", of " +
                      std::to_string(ranks) + " ranks");
}

}  // namespace

Napi::Value communicator_id(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    auto id = Napi::Uint8Array::New(call.Env(), kCommunicatorIdBytes);
    make_communicator_id(id.Data());
    return id;
  });
}

// joinCommunicator(null | {id, rank, size, timeout}): a promise.
Napi::Value DeviceObject::join_communicator(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->require_open();
    const DeviceCommunication& communication = communication_of(*device_);
    if (!call[0].IsObject()) {
      ranks_ = 0;
      return promised(call.Env(), [&communication] { communication.join(nullptr); });
    }
    const auto options = call[0].As<Napi::Object>();
    const Napi::Value given = options.Get("id");
    if (!given.IsTypedArray() || given.As<Napi::TypedArray>().ByteLength() != kCommunicatorIdBytes)
      throw argument_error("joinCommunicator: id is no Uint8Array of " +
                           std::to_string(kCommunicatorIdBytes) +
                           " bytes; take communicatorId() of one rank");
    std::array<uint8_t, kCommunicatorIdBytes> id;
    std::memcpy(id.data(), given.As<Napi::Uint8Array>().Data(), id.size());
    const auto number = [&](const char* name) { return options.Get(name).ToNumber().DoubleValue(); };
    const int rank = static_cast<int>(number("rank")), size = static_cast<int>(number("size"));
    const double timeout = number("timeout");
    if (size < 1 || rank < 0 || rank >= size || !(timeout > 0))
      throw Error(ErrorKind::range, "ARGUMENT",
                  "joinCommunicator: rank " + std::to_string(rank) + " of " + std::to_string(size) +
                      ", timeout " + std::to_string(timeout) +
                      " s; wanted 0 <= rank < size and a timeout above 0");
    ranks_ = size;
    return promised(call.Env(), [&communication, id, rank, size, timeout] {
      const CommunicatorOptions options = {id.data(), rank, size, timeout};
      communication.join(&options);
    });
  });
}

// communicate(name, in, out, root)
void DeviceObject::communicate(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    device_->require_open();
    device_->require_no_recording("communicate");
    const DeviceCommunication& communication = communication_of(*device_);
    if (ranks_ == 0)
      throw state_error("COMMUNICATION",
                        "this device belongs to no communicator: await joinCommunicator() first");
    const CollectiveForm& form = form_named(call[0].ToString().Utf8Value());
    const Tensor& in = own(call[1], form.name);
    const Tensor& out = own(call[2], form.name);
    check_sizes(form, in, out, ranks_);
    const int root = call[3].IsNumber() ? call[3].As<Napi::Number>().Int32Value() : 0;
    if (root < 0 || root >= ranks_)
      throw Error(ErrorKind::range, "ARGUMENT",
                  std::string(form.name) + ": root is " + std::to_string(root) + ", wanted 0 to " +
                      std::to_string(ranks_ - 1));
    ++out.storage().version;
    device_->stream().enqueue([&communication, operation = form.operation, from = in.view(), to = out.view(),
                               root] { communication.run(operation, from, to, root); });
  });
}

void DeviceObject::wait_for_communication(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    device_->require_open();
    device_->stream().enqueue([&communication = communication_of(*device_)] { communication.wait(); });
  });
}

void DeviceObject::abort_communicator(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] { communication_of(*device_).abort(); });
}

}  // namespace everlearn::addon
