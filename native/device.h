// A device: a backend, its stream and its memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "allocator.h"
#include "ops.h"
#include "stream.h"

namespace everlearn {

struct DeviceInfo {
  std::string backend;         // "cpu"
  std::string isa;             // "v2" | "v3" | "v4" | "bf16"
  int threads = 1;             // compute team
  std::string gemm;            // library and version
  bool fast_bfloat16 = false;  // bfloat16 GEMM runs natively
};

// What a backend gives a device. The functions run on the device's executor thread.
struct Backend {
  DeviceInfo info;
  BackendTable table;
  std::function<void()> start, finish;
  std::function<const Context&()> context;
  std::function<void(uint64_t storage)> forget;  // drops compute copies
};

class Device : public std::enable_shared_from_this<Device> {
 public:
  explicit Device(Backend backend);

  const DeviceInfo& info() const { return backend_.info; }
  const BackendTable& table() const { return backend_.table; }
  const Context& context() const { return backend_.context(); }
  Stream& stream() { return *stream_; }
  bool closed() const { return stream_ == nullptr; }

  // Throws OUT_OF_MEMORY, after giving cached blocks back to the system has not helped.
  Block allocate(size_t bytes);
  void release(Block block);
  void forget(uint64_t storage);
  void trim();
  const MemoryCounts& memory() const { return allocator_.counts(); }

  // Ends the stream; tensors stay valid but no op can be queued.
  void close();
  // Throws DEVICE_CLOSED.
  void require_open() const;

 private:
  Backend backend_;
  Allocator allocator_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace everlearn
