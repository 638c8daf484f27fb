// Tensors: contiguous, row-major, sharing reference-counted storage of one device.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "allocator.h"
#include "backend.h"

namespace everlearn {

class Device;

// A block of a device's memory. Every queued write raises `version`, by which a backend knows that its
// compute copies of what lies here are old.
class Storage {
 public:
  Storage(std::shared_ptr<Device> device, Block block);
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage();

  Device& device() const { return *device_; }
  void* data() const { return block_.data; }
  size_t bytes() const { return block_.bytes; }
  uint64_t id() const { return id_; }
  bool of_graphs() const { return block_.of_graphs; }

  uint64_t version = 0;
  uint64_t edits = 0;  // writes by others than the optimiser, which writes compute copies as well
  bool has_compute_copies = false;

 private:
  std::shared_ptr<Device> device_;
  Block block_;
  uint64_t id_;
};

class Tensor {
 public:
  // Uninitialised memory, for `operation` (may be empty). Throws RangeError on negative or too many
  // dimensions, OUT_OF_MEMORY.
  static Tensor allocate(const std::shared_ptr<Device>& device, const std::vector<int64_t>& shape,
                         DType dtype, const std::string& operation);

  // Rows start .. end along the first axis, in the same storage.
  Tensor slice(int64_t start, int64_t end) const;
  // The same values in another shape of as many elements.
  Tensor reshape(const std::vector<int64_t>& shape) const;

  int64_t elements() const;
  size_t bytes() const;
  const View& view() const { return view_; }
  Storage& storage() const { return *storage_; }
  const std::shared_ptr<Storage>& shared_storage() const { return storage_; }
  Device& device() const { return storage_->device(); }

 private:
  Tensor(std::shared_ptr<Storage> storage, const View& view) : storage_(std::move(storage)), view_(view) {}

  std::shared_ptr<Storage> storage_;
  View view_;
};

std::string shape_text(const View& view);

}  // namespace everlearn
