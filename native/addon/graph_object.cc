#include "graph_object.h"

#include <utility>

#include "environment.h"
#include "errors.h"

namespace everlearn::addon {

Napi::Function GraphObject::define(Napi::Env env) {
  return DefineClass(
      env, "NativeGraph",
      {InstanceMethod<&GraphObject::run>("run"), InstanceMethod<&GraphObject::dispose>("dispose")});
}

GraphObject::GraphObject(const Napi::CallbackInfo& call) : ObjectWrap(call) {
  if (call.Length() != 1 || !call[0].IsExternal())
    throw Napi::TypeError::New(call.Env(), "a NativeGraph is made by device.endRecording()");
  graph_ = std::move(*call[0].As<Napi::External<std::unique_ptr<Graph>>>().Data());
}

Napi::Value GraphObject::wrap(Napi::Env env, std::unique_ptr<Graph> graph) {
  return Environment::of(env).graph_constructor.New(
      {Napi::External<std::unique_ptr<Graph>>::New(env, &graph)});
}

void GraphObject::run(const Napi::CallbackInfo& call) {
  guarded(call.Env(), [&] {
    if (!graph_) throw state_error("GRAPH_DISPOSED", "run: this graph was disposed of before");
    graph_->run();
  });
}

void GraphObject::dispose(const Napi::CallbackInfo&) { graph_.reset(); }

}  // namespace everlearn::addon
