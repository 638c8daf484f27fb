#include "tensor_object.h"

#include <string>

#include "../device.h"
#include "../dtype.h"
#include "environment.h"
#include "errors.h"

namespace everlearn::addon {

namespace {
constexpr napi_type_tag kTensorTag = {0x8b1f5a0e6c3d4f27, 0x9d24c07e51ab3f68};
}

Napi::Function TensorObject::define(Napi::Env env) {
  return DefineClass(
      env, "NativeTensor",
      {InstanceAccessor<&TensorObject::shape>("shape"), InstanceAccessor<&TensorObject::dtype>("dtype"),
       InstanceAccessor<&TensorObject::disposed>("disposed"), InstanceMethod<&TensorObject::slice>("slice"),
       InstanceMethod<&TensorObject::view>("view"), InstanceMethod<&TensorObject::dispose>("dispose")});
}

TensorObject::TensorObject(const Napi::CallbackInfo& call) : ObjectWrap(call) {
  if (call.Length() != 1 || !call[0].IsExternal())
    throw Napi::TypeError::New(call.Env(), "a NativeTensor is made by device.allocate()");
  tensor_ = *call[0].As<Napi::External<Tensor>>().Data();
  call.This().As<Napi::Object>().TypeTag(&kTensorTag);
}

Napi::Value TensorObject::wrap(Napi::Env env, Tensor tensor) {
  return Environment::of(env).tensor_constructor.New({Napi::External<Tensor>::New(env, &tensor)});
}

const Tensor& TensorObject::unwrap(const Napi::Value& value, const char* what) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTensorTag))
    throw argument_error(std::string(what) + ": wanted a tensor");
  const TensorObject* object = Unwrap(value.As<Napi::Object>());
  if (!object->tensor_)
    throw state_error("TENSOR_DISPOSED", std::string(what) + ": this tensor was disposed");
  return *object->tensor_;
}

Napi::Value TensorObject::shape(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    const View& view = unwrap(call.This(), "shape").view();
    const auto array = Napi::Array::New(call.Env(), static_cast<size_t>(view.rank));
    for (int i = 0; i < view.rank; ++i)
      array.Set(i, Napi::Number::New(call.Env(), static_cast<double>(view.shape[i])));
    return array;
  });
}

Napi::Value TensorObject::dtype(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    return Napi::String::New(call.Env(), info(unwrap(call.This(), "dtype").view().dtype).name);
  });
}

Napi::Value TensorObject::disposed(const Napi::CallbackInfo& call) {
  return Napi::Boolean::New(call.Env(), !tensor_);
}

Napi::Value TensorObject::slice(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&] {
    const Tensor& tensor = unwrap(call.This(), "slice");
    if (!call[0].IsNumber() || !call[1].IsNumber())
      throw argument_error("slice: wanted numbers start and end");
    return wrap(call.Env(), tensor.slice(call[0].As<Napi::Number>().Int64Value(),
                                         call[1].As<Napi::Number>().Int64Value()));
  });
}

Napi::Value TensorObject::view(const Napi::CallbackInfo& call) {
  return guarded(call.Env(),
                 [&] { return wrap(call.Env(), unwrap(call.This(), "view").reshape(shape_from(call[0]))); });
}

void TensorObject::dispose(const Napi::CallbackInfo&) { tensor_.reset(); }

std::vector<int64_t> shape_from(const Napi::Value& value) {
  if (!value.IsArray()) throw argument_error("a shape is an array of numbers");
  const auto array = value.As<Napi::Array>();
  std::vector<int64_t> shape(array.Length());
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value size = array.Get(i);
    const double number = size.IsNumber() ? size.As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= 0) || number != static_cast<double>(static_cast<int64_t>(number)))
      throw shape_error("a shape is an array of whole numbers of 0 or more; dimension " + std::to_string(i) +
                        " is " + size.ToString().Utf8Value());
    shape[i] = static_cast<int64_t>(number);
  }
  return shape;
}

}  // namespace everlearn::addon
