// Launches that are the same each time, captured as CUDA graphs.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <mutex>

#include "context.h"

namespace everlearn::cuda {

class Graphs {
 public:
  explicit Graphs(State& state) : state_(state) {}

  // Launches what `body` does, which is the same at each call for one `captured` (null at first): by calling
  // it the first time and with `anew`, then by a graph. `body` returns false when something in it failed,
  // which is for the caller to tell; nothing of a graph was launched then. Throws CUDA.
  void replay(void** captured, bool anew, const std::function<bool()>& body);
  static void drop(void* captured);

  // Held while something is captured: what other threads did on the compute stream would be captured too.
  std::mutex& capturing() { return capturing_; }

 private:
  struct Captured;
  bool capture(Captured& into, const std::function<bool()>& body);

  State& state_;
  std::mutex capturing_;
};

}  // namespace everlearn::cuda
