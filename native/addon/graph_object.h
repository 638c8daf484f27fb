// NativeGraph: recorded ops as JavaScript holds them.
#pragma once

#include <napi.h>

#include <memory>

#include "../graph.h"

namespace everlearn::addon {

class GraphObject : public Napi::ObjectWrap<GraphObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit GraphObject(const Napi::CallbackInfo& call);

  static Napi::Value wrap(Napi::Env env, std::unique_ptr<Graph> graph);

 private:
  void run(const Napi::CallbackInfo& call);
  void dispose(const Napi::CallbackInfo& call);

  std::unique_ptr<Graph> graph_;
};

}  // namespace everlearn::addon
