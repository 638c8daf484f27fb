#include "device.h"

#include <future>
#include <utility>

#include "error.h"

namespace everlearn {

Device::Device(Backend backend)
    : backend_(std::move(backend)),
      allocator_(backend_.memory.source),
      stream_(std::make_unique<Stream>(backend_.start, backend_.finish, backend_.complete)) {}

Block Device::allocate(size_t bytes, const std::string& operation) {
  require_open();
  Block block = allocator_.allocate(bytes);
  if (!block.data) {
    trim();
    std::promise<void> passed;
    stream_->always([&] { passed.set_value(); });
    passed.get_future().wait();
    block = allocator_.allocate(bytes);
  }
  if (!block.data)
    throw state_error("OUT_OF_MEMORY", (operation.empty() ? "" : operation + ": ") +
                                           "out of memory: " + std::to_string(bytes) + " bytes asked for, " +
                                           std::to_string(memory().live) + " in use by tensors" +
                                           (backend_.memory.shortage ? backend_.memory.shortage() : "") +
                                           ": dispose tensors or use a smaller micro-batch");
  return block;
}

void Device::release(Block block) { allocator_.release(block); }

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

}  // namespace everlearn
