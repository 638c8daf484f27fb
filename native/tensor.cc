#include "tensor.h"

#include <atomic>
#include <utility>

#include "device.h"
#include "dtype.h"
#include "error.h"

namespace everlearn {

namespace {

std::atomic<uint64_t> next_storage_id{1};

std::string shape_text(const int64_t* shape, size_t rank) {
  std::string text = "[";
  for (size_t i = 0; i < rank; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

// Sets rank and shape; throws when a dimension is negative, there are too many or the product overflows.
void set_shape(View& view, const std::vector<int64_t>& shape) {
  if (shape.size() > kMaxRank)
    throw shape_error("a tensor has at most " + std::to_string(kMaxRank) + " dimensions, got shape " +
                      shape_text(shape.data(), shape.size()));
  int64_t elements = 1;
  for (const int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(elements, size, &elements) || elements > (int64_t{1} << 46))
      throw shape_error("no tensor can have shape " + shape_text(shape.data(), shape.size()));
  view.rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), view.shape);
}

int64_t elements_of(const View& view) {
  int64_t elements = 1;
  for (int i = 0; i < view.rank; ++i) elements *= view.shape[i];
  return elements;
}

}  // namespace

std::string shape_text(const View& view) { return shape_text(view.shape, static_cast<size_t>(view.rank)); }

Storage::Storage(std::shared_ptr<Device> device, Block block)
    : device_(std::move(device)), block_(block), id_(next_storage_id++) {}

Storage::~Storage() {
  if (has_compute_copies) device_->forget(id_);
  device_->release(block_);
}

Tensor Tensor::allocate(const std::shared_ptr<Device>& device, const std::vector<int64_t>& shape, DType dtype,
                        const std::string& operation) {
  View view;
  view.dtype = dtype;
  set_shape(view, shape);
  auto storage =
      std::make_shared<Storage>(device, device->allocate(elements_of(view) * info(dtype).bytes, operation));
  view.data = storage->data();
  view.storage = storage->id();
  return {std::move(storage), view};
}

Tensor Tensor::slice(int64_t start, int64_t end) const {
  if (view_.rank == 0) throw shape_error("slice: a tensor of rank 0 has no first axis");
  if (start < 0 || end < start || end > view_.shape[0])
    throw shape_error("slice: [" + std::to_string(start) + ", " + std::to_string(end) +
                      ") is not within the first axis of shape " + everlearn::shape_text(view_));
  View view = view_;
  const int64_t row = view_.shape[0] ? elements() / view_.shape[0] : 0;
  view.data = static_cast<char*>(view_.data) + static_cast<size_t>(start * row) * info(view_.dtype).bytes;
  view.shape[0] = end - start;
  return {storage_, view};
}

Tensor Tensor::reshape(const std::vector<int64_t>& shape) const {
  View view = view_;
  set_shape(view, shape);
  if (elements_of(view) != elements())
    throw shape_error("reshape: " + everlearn::shape_text(view_) + " has " + std::to_string(elements()) +
                      " elements, " + everlearn::shape_text(view) + " would have " +
                      std::to_string(elements_of(view)));
  return {storage_, view};
}

int64_t Tensor::elements() const { return elements_of(view_); }

size_t Tensor::bytes() const { return static_cast<size_t>(elements()) * info(view_.dtype).bytes; }

}  // namespace everlearn
