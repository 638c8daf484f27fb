// An open GPU: its streams, its memory and what its ops work with.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <mutex>
#include <vector>

#include "../plugin.h"
#include "communicator.h"
#include "completion.h"
#include "context.h"
#include "graphs.h"
#include "staging.h"

namespace everlearn::cuda {

// Throws unless GPU `index` is there and this build runs on it: NO_DRIVER, DRIVER_TOO_OLD, NO_GPU, NO_DEVICE,
// UNSUPPORTED_GPU.
void require_gpu(int index);
Properties properties_of(int index);

class Gpu {
 public:
  // Throws as require_gpu and LIBRARY_MISSING.
  explicit Gpu(const PluginOptions& options);
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  const Context& context() const { return context_; }
  State& state() { return state_; }

  // On the executor thread: first and last.
  void start();
  void finish();

  // From any thread. Null: no memory is left.
  void* allocate(size_t bytes);
  size_t free_bytes() const;
  Staging& staging() { return staging_; }
  Graphs& graphs() { return graphs_; }

  // On the executor thread.
  void free(void* data);
  void trim();
  void write(void* to, const void* staged, size_t bytes);
  void read(void* to, const void* from, size_t bytes);
  void complete(Completion::Done done);
  cudaEvent_t mark();

  // Between two marks that have passed; from any thread.
  static double seconds(const void* from, const void* to);

  // On the executor thread; null: none.
  void set_communicator(const CommunicatorOptions* options);
  // From any thread. Throws COMMUNICATION when there is none.
  std::shared_ptr<Communicator> communicator() const;
  // From any thread; null: there is none, or nothing has ended it.
  std::exception_ptr communication_failure() const;

 private:
  void open(const PluginOptions& options);
  void release();
  static void* scratch(int slot, size_t bytes);

  struct Read {
    void* to;
    void* staged;
    size_t bytes;
  };
  struct Scratch {
    void* data = nullptr;
    size_t bytes = 0;
  };

  State state_;
  Graphs graphs_{state_};
  Context context_;
  cudaStream_t transfer_ = nullptr, collective_ = nullptr;
  cudaEvent_t transferred_ = nullptr;
  Scratch scratch_[4];
  Staging staging_;
  mutable std::mutex communicator_mutex_;
  std::shared_ptr<Communicator> communicator_;
  std::unique_ptr<Completion> completion_;
  std::vector<Read> reads_;  // whose copies were launched since the last complete()
};

}  // namespace everlearn::cuda
