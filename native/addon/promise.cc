#include "promise.h"

#include <utility>

#include "environment.h"

namespace everlearn::addon {

struct Settler::Pending {
  std::shared_ptr<Settler> settler;
  Napi::Promise::Deferred deferred;
  Value value;
  std::exception_ptr failure;
};

Settler::Settler(Napi::Env env)
    : callback_(Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}),
                                              "everlearn", 0, 1)) {
  callback_.Unref(env);
}

Napi::Promise Settler::promise(Napi::Env env, Value value, std::function<void(std::exception_ptr)>* settle) {
  auto pending = std::make_shared<Pending>(
      Pending{shared_from_this(), Napi::Promise::Deferred::New(env), std::move(value), nullptr});
  if (pending_++ == 0) callback_.Ref(env);
  const Napi::Promise promise = pending->deferred.Promise();
  *settle = [pending](std::exception_ptr failure) {
    pending->failure = std::move(failure);
    // The JavaScript thread takes over the last reference: what `value` holds may be freed only there.
    auto* handed_over = new std::shared_ptr<Pending>(pending);
    const auto status = pending->settler->callback_.NonBlockingCall(
        handed_over, [](Napi::Env env, Napi::Function, std::shared_ptr<Pending>* handed) {
          const std::unique_ptr<std::shared_ptr<Pending>> owner(handed);
          Pending& settled = **owner;
          const Napi::HandleScope scope(env);
          if (--settled.settler->pending_ == 0) settled.settler->callback_.Unref(env);
          if (settled.failure)
            settled.deferred.Reject(javascript_error(env, settled.failure));
          else
            settled.deferred.Resolve(settled.value(env));
          settled.value = nullptr;
          Environment::of(env).report_memory(env);
        });
    if (status != napi_ok) delete handed_over;  // the environment is going away; nobody waits any more
  };
  return promise;
}

void Settler::close() { callback_.Release(); }

}  // namespace everlearn::addon
