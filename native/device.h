// A device: a backend, its stream and its memory.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "allocator.h"
#include "ops.h"
#include "plugin.h"
#include "profile.h"
#include "stream.h"

namespace everlearn {

struct DeviceInfo {
  std::string backend;         // "cpu" | "cuda"
  std::string device;          // "cpu" | "cuda:INDEX"
  std::string name;            // of the processor as its maker calls it; empty: not asked
  std::string isa;             // "v2" | "v3" | "v4" | "bf16" | "sm_90" and so on
  int threads = 1;             // compute team
  std::string gemm;            // library and version
  bool fast_bfloat16 = false;  // bfloat16 GEMM runs natively
};

// How a device's memory is had, written and read. `stage` runs on the thread that queues ops, `write` and
// `read` on the executor.
struct DeviceMemory {
  MemorySource source;
  // Host memory in which the bytes of an upload wait; freed with its last reference.
  std::function<std::shared_ptr<void>(size_t bytes)> stage;
  std::function<void(void* to, const std::shared_ptr<void>& staged, size_t bytes)> write;
  // `to` is filled by the time Backend::complete says so.
  std::function<void(void* to, const void* from, size_t bytes)> read;
  // Gives back what the source itself keeps; empty: nothing. Runs after cached blocks were freed.
  std::function<void()> trim;
  // " N bytes free on the device," for the error when there is none left; may be empty.
  std::function<std::string()> shortage;
};

// A device's place among those that train together. `abort` may be called from any thread, the rest on the
// executor.
struct DeviceCommunication {
  std::function<void(const CommunicatorOptions* options)> join;  // null: leave
  std::function<void(Collective operation, const View& in, const View& out, int root)> run;
  std::function<void()> wait;
  std::function<void()> abort;
};

// What a backend gives a device. The functions run on the device's executor thread.
struct Backend {
  DeviceInfo info;
  BackendTable table;
  DeviceMemory memory;
  DeviceCommunication communication;  // empty: the backend has none
  std::function<void()> start, finish;
  std::function<const Context&()> context;
  std::function<void(uint64_t storage)> forget;  // drops compute copies
  // Ops only launch: throws what the last one failed with. Empty: ops throw themselves.
  std::function<void()> check;
  // Calls back, from any thread, once everything launched so far is done, with what went wrong in it. Empty:
  // it always is.
  std::function<void(Stream::Done)> complete;
  // Launches what `body` does, which is the same each time for one `captured` (null at first), without
  // calling it where that was captured; `anew`: by calling it. `drop` gives up what was captured. Empty: body
  // is called.
  std::function<void(void** captured, bool anew, const std::function<void()>& body)> replay;
  std::function<void(void* captured)> drop;
  DeviceClock clock = process_clock();
};

class Graph;

class Device : public std::enable_shared_from_this<Device> {
 public:
  explicit Device(Backend backend);

  const DeviceInfo& info() const { return backend_.info; }
  const BackendTable& table() const { return backend_.table; }
  const DeviceMemory& transfers() const { return backend_.memory; }
  const DeviceCommunication& communication() const { return backend_.communication; }
  // Runs an op; on the executor. Throws what it failed with.
  template <class Op>
  void run(const char* name, void (*function)(const Context&, const Op&), const Op& op) {
    const auto work = [&] { function(backend_.context(), op); };
    if (profile_)
      profile_->time(name, work);
    else
      work();
    if (backend_.check) backend_.check();
  }
  // On the executor: what runs until the profile is taken is timed.
  void start_profile() { profile_ = std::make_unique<Profile>(backend_.clock); }
  std::unique_ptr<Profile> take_profile() { return std::move(profile_); }
  Stream& stream() { return *stream_; }
  bool closed() const { return stream_ == nullptr; }

  // Throws OUT_OF_MEMORY, after giving cached blocks back to the system has not helped; the message begins
  // with `operation`, which the memory is for, unless that is empty.
  Block allocate(size_t bytes, const std::string& operation);
  void release(Block block);
  void forget(uint64_t storage);
  void trim();
  // What graphs share counts as in use, whether it is or not.
  MemoryCounts memory() const;

  // While it is set, ops are added to it instead of being queued, and memory is the graphs' own.
  Graph* recording = nullptr;
  void add_graph() { ++graphs_; }
  // With the last graph goes the memory that they share.
  void drop_graph(std::shared_ptr<void*> captured);
  // Bytes in tensors that were made while recording.
  size_t recorded_bytes() const { return graph_allocator_.counts().live; }
  // On the executor: as Backend::replay. What is timed is run op by op.
  void replay(void** captured, bool anew, const std::function<void()>& body) const {
    backend_.replay ? backend_.replay(captured, anew || profile_, body) : body();
  }

  // Ends the stream; tensors stay valid but no op can be queued.
  void close();
  // Throws DEVICE_CLOSED.
  void require_open() const;
  // Throws RECORDING while a graph is recorded.
  void require_no_recording(const char* what) const;

 private:
  Backend backend_;
  Allocator allocator_, graph_allocator_;
  int graphs_ = 0;
  std::unique_ptr<Profile> profile_;  // executor thread only
  std::unique_ptr<Stream> stream_;
};

}  // namespace everlearn
