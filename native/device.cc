#include "device.h"

#include <algorithm>
#include <future>
#include <utility>

#include "error.h"

namespace everlearn {

Device::Device(Backend backend)
    : backend_(std::move(backend)),
      allocator_(backend_.memory.source),
      graph_allocator_(backend_.memory.source),
      stream_(std::make_unique<Stream>(backend_.start, backend_.finish, backend_.complete)) {}

Block Device::allocate(size_t bytes, const std::string& operation) {
  require_open();
  Allocator& allocator = recording ? graph_allocator_ : allocator_;
  Block block = allocator.allocate(bytes);
  if (!block.data) {
    trim();
    std::promise<void> passed;
    stream_->always([&] { passed.set_value(); });
    passed.get_future().wait();
    block = allocator.allocate(bytes);
  }
  if (!block.data)
    throw state_error("OUT_OF_MEMORY", (operation.empty() ? "" : operation + ": ") +
                                           "out of memory: " + std::to_string(bytes) + " bytes asked for, " +
                                           std::to_string(memory().live) + " in use by tensors" +
                                           (backend_.memory.shortage ? backend_.memory.shortage() : "") +
                                           ": dispose tensors or use a smaller micro-batch");
  block.of_graphs = recording != nullptr;
  return block;
}

void Device::release(Block block) { (block.of_graphs ? graph_allocator_ : allocator_).release(block); }

MemoryCounts Device::memory() const {
  MemoryCounts counts = allocator_.counts();
  const MemoryCounts& shared = graph_allocator_.counts();
  counts.live += shared.live + shared.cached;
  counts.peak = std::max(counts.peak, counts.live);
  return counts;
}

void Device::drop_graph(std::shared_ptr<void*> captured) {
  if (stream_ && backend_.drop)
    stream_->always([drop = backend_.drop, captured = std::move(captured)] { drop(*captured); });
  if (--graphs_ > 0) return;
  const auto free = [this, blocks = graph_allocator_.take_cached()] { graph_allocator_.free_blocks(blocks); };
  stream_ ? stream_->always(free) : free();
}

void Device::forget(uint64_t storage) {
  if (stream_) stream_->always([this, storage] { backend_.forget(storage); });
}

void Device::trim() {
  auto blocks = allocator_.take_cached();
  const auto free = [this, blocks = std::move(blocks)] {
    allocator_.free_blocks(blocks);
    if (backend_.memory.trim) backend_.memory.trim();
  };
  if (stream_)
    stream_->always(free);
  else
    free();
}

void Device::close() { stream_.reset(); }

void Device::require_open() const {
  if (!stream_) throw state_error("DEVICE_CLOSED", "this device is closed: open another with openDevice()");
}

void Device::require_no_recording(const char* what) const {
  if (recording)
    throw state_error(
        "RECORDING",
        std::string(what) +
            ": operations are being recorded, which is all that can be; do this before or after");
}

}  // namespace everlearn
