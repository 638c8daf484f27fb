// The binding of every op, derived from its list of fields.
#include <type_traits>

#include "device_object.h"
#include "errors.h"
#include "fields.h"

namespace everlearn::addon {

namespace {

// What the shapes alone cannot say.
template <class Op>
void check_values(const Op&) {}

template <class Op>
  requires std::is_base_of_v<Dropout, Op>
void check_values(const Op& op) {
  if (!(op.probability >= 0 && op.probability < 1))
    throw Error(ErrorKind::range, "ARGUMENT",
                "dropout: probability is " + std::to_string(op.probability) + ", wanted 0 <= p < 1");
  if (op.probability > 0 && op.rows && !op.step)
    throw argument_error("dropout: rows are given without the step");
  if constexpr (requires { op.heads; })
    if (op.heads < 1 || (op.qkv.shape[1] / 3) % op.heads)
      throw shape_error("attention: hidden size " + std::to_string(op.qkv.shape[1] / 3) +
                        " does not split into " + std::to_string(op.heads) + " heads");
}

template <>
void check_values(const SoftmaxCrossEntropy& op) {
  if (op.classes < 1 || op.classes > op.logits.shape[1])
    throw Error(ErrorKind::range, "ARGUMENT",
                "softmaxCrossEntropy: classes is " + std::to_string(op.classes) + ", wanted 1 to the " +
                    std::to_string(op.logits.shape[1]) + " columns");
}

template <class Op, void (*BackendTable::*Entry)(const Context&, const Op&)>
void queue(const char* name, const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    Device& device = **static_cast<std::shared_ptr<Device>*>(call.Data());
    device.require_open();
    Op op;
    ArgumentReader<Op> reader(name, call, device, op);
    Op::fields(reader);
    reader.finish();
    check_values(op);
    if (device.recording)
      return device.recording->add(name, device.table().*Entry, op, std::move(reader.accesses()));
    // Memory is given back in program order, so the command needs no reference to its tensors.
    device.stream().enqueue([&device, name, op] { device.run(name, device.table().*Entry, op); });
  });
}

}  // namespace

Napi::Object make_ops(Napi::Env env, const std::shared_ptr<Device>& device) {
  const auto ops = Napi::Object::New(env);
  const auto add = [&](const char* name, void (*callback)(const Napi::CallbackInfo&)) {
    auto* held = new std::shared_ptr<Device>(device);
    Napi::Function function = Napi::Function::New(env, callback, name, held);
    function.AddFinalizer([](Napi::Env, std::shared_ptr<Device>* pointer) { delete pointer; }, held);
    ops.Set(name, function);
  };
#define EVERLEARN_ADD_OP(name, Op) \
  add(#name, [](const Napi::CallbackInfo& call) { queue<Op, &BackendTable::name>(#name, call); });
  EVERLEARN_OPS(EVERLEARN_ADD_OP)
#undef EVERLEARN_ADD_OP
  return ops;
}

Napi::Array describe_ops(Napi::Env env) {
  const auto list = Napi::Array::New(env);
#define EVERLEARN_DESCRIBE_OP(op_name, Op)     \
  {                                            \
    Describer describer(env);                  \
    Op::fields(describer);                     \
    const auto entry = Napi::Object::New(env); \
    entry.Set("name", #op_name);               \
    entry.Set("fields", describer.fields());   \
    list.Set(list.Length(), entry);            \
  }
  EVERLEARN_OPS(EVERLEARN_DESCRIBE_OP)
#undef EVERLEARN_DESCRIBE_OP
  return list;
}

}  // namespace everlearn::addon
