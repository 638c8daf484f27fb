// What the addon keeps for one JavaScript environment (the main thread or a worker): no statics, so that
// several can load it.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "promise.h"

namespace everlearn {
class Device;
}

namespace everlearn::addon {

struct Environment {
  Napi::FunctionReference tensor_constructor, device_constructor, graph_constructor;
  std::shared_ptr<Settler> settler;
  std::vector<std::weak_ptr<Device>> devices;
  int64_t reported_bytes = 0;

  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  // Tells V8 about native memory, coarsely: every report may start a collection. Called when a wait is over,
  // not while memory is taken: a step takes gigabytes before it gives them back, and what is collected is
  // freed only when the event loop turns.
  void report_memory(Napi::Env env);
};

}  // namespace everlearn::addon
