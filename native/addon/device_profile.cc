// How long the operations of a NativeDevice take.
#include <memory>

#include "device_object.h"
#include "environment.h"
#include "errors.h"

namespace everlearn::addon {

void DeviceObject::start_profile(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    device_->require_open();
    device_->stream().enqueue([device = device_.get()] { device->start_profile(); });
  });
}

// A promise of {name: {calls, seconds}}.
Napi::Value DeviceObject::end_profile(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    device_->require_open();
    const auto taken = std::make_shared<std::unique_ptr<Profile>>();
    std::function<void(std::exception_ptr)> settle;
    const auto promise = Environment::of(call.Env())
                             .settler->promise(
                                 call.Env(),
                                 [taken, device = device_](Napi::Env env) -> Napi::Value {
                                   const auto result = Napi::Object::New(env);
                                   if (!*taken) return result;
                                   for (const auto& [name, time] : (*taken)->totals()) {
                                     const auto entry = Napi::Object::New(env);
                                     entry.Set("calls", static_cast<double>(time.calls));
                                     entry.Set("seconds", time.seconds);
                                     result.Set(name, entry);
                                   }
                                   taken->reset();
                                   return result;
                                 },
                                 &settle);
    device_->stream().wait([device = device_.get(), taken] { *taken = device->take_profile(); },
                           std::move(settle));
    return promise;
  });
}

}  // namespace everlearn::addon
