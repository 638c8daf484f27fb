// A promise that another thread settles.
#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <memory>

#include "errors.h"

namespace everlearn::addon {

// Settles deferred promises of one environment on its JavaScript thread. While a promise is pending the event
// loop stays alive.
class Settler : public std::enable_shared_from_this<Settler> {
 public:
  explicit Settler(Napi::Env env);

  // A promise and the function that settles it from any thread, with null or a failure; call it once. `value`
  // makes the value of the promise on the JavaScript thread and holds what must live until then.
  using Value = std::function<Napi::Value(Napi::Env)>;
  Napi::Promise promise(Napi::Env env, Value value, std::function<void(std::exception_ptr)>* settle);

  void close();

 private:
  struct Pending;
  Napi::ThreadSafeFunction callback_;
  int pending_ = 0;
};

}  // namespace everlearn::addon
