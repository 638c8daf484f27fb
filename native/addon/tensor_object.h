// NativeTensor: a tensor as JavaScript holds it.
#pragma once

#include <napi.h>

#include <optional>
#include <vector>

#include "../tensor.h"

namespace everlearn::addon {

class TensorObject : public Napi::ObjectWrap<TensorObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit TensorObject(const Napi::CallbackInfo& call);

  // A new NativeTensor around `tensor`.
  static Napi::Value wrap(Napi::Env env, Tensor tensor);
  // The tensor a JavaScript value stands for. Throws TypeError naming `what` when it is no tensor or
  // disposed.
  static const Tensor& unwrap(const Napi::Value& value, const char* what);

 private:
  Napi::Value shape(const Napi::CallbackInfo& call);
  Napi::Value dtype(const Napi::CallbackInfo& call);
  Napi::Value disposed(const Napi::CallbackInfo& call);
  Napi::Value slice(const Napi::CallbackInfo& call);
  Napi::Value view(const Napi::CallbackInfo& call);
  void dispose(const Napi::CallbackInfo& call);

  std::optional<Tensor> tensor_;
};

// A shape from a JavaScript array of numbers.
std::vector<int64_t> shape_from(const Napi::Value& value);

}  // namespace everlearn::addon
