#include "compute_copies.h"

#include <string>

#include "../dtype.h"
#include "memory.h"
#include "ops.h"

namespace everlearn::cuda {

namespace {

int64_t elements(const View& view) {
  int64_t product = 1;
  for (int i = 0; i < view.rank; ++i) product *= view.shape[i];
  return product;
}

// Elements from the start of `whole` to `part`; -1 where part is not within it.
int64_t place_in(const View& whole, const View& part) {
  const auto* start = static_cast<const float*>(whole.data);
  const auto* data = static_cast<const float*>(part.data);
  return start && data >= start && data + elements(part) <= start + elements(whole) ? data - start : -1;
}

}  // namespace

ComputeCopies::~ComputeCopies() {
  for (auto& [key, copies] : copies_) release(copies);
}

void ComputeCopies::release(Copies& copies) {
  for (const auto& [place, copied] : copies.parts) cuda::release(state_, copied.data);
  if (copies.arena.data) cuda::release(state_, copies.arena.data);
  copies = {};
}

void ComputeCopies::forget(uint64_t storage) {
  for (const DType dtype : {DType::bfloat16, DType::float16}) {
    const auto found = copies_.find({storage, dtype});
    if (found == copies_.end()) continue;
    release(found->second);
    copies_.erase(found);
  }
}

void ComputeCopies::allocate(Copied& copied, const View& source, DType dtype) {
  const size_t bytes = static_cast<size_t>(elements(source)) * info(dtype).bytes;
  copied.data = cuda::allocate(
      state_, bytes, (std::to_string(bytes) + " bytes asked for a compute copy of weights").c_str());
  copied.source = source;
}

View ComputeCopies::of(const Context& context, const View& parameter, DType dtype) {
  if (!parameter || parameter.dtype == dtype) return parameter;
  Copies& copies = copies_[{parameter.storage, dtype}];
  int64_t place = place_in(copies.arena.source, parameter);
  Copied* copied = &copies.arena;
  if (place < 0) {
    place = 0;
    copied = &copies.parts[parameter.data];
    if (!copied->data || elements(copied->source) < elements(parameter)) {
      if (copied->data) cuda::release(state_, copied->data);
      *copied = {};
      allocate(*copied, parameter, dtype);
    }
  }
  if (copied->version != parameter.version) {
    Copy conversion;
    conversion.x = conversion.y = copied->source;
    conversion.y.data = copied->data;
    conversion.y.dtype = dtype;
    everlearn::cuda::copy(context, conversion);
    copied->version = parameter.version;
  }
  View copy = parameter;
  copy.dtype = dtype;
  copy.data = static_cast<char*>(copied->data) + static_cast<size_t>(place) * info(dtype).bytes;
  return copy;
}

View ComputeCopies::of_arena(const View& arena) {
  for (const DType dtype : {DType::bfloat16, DType::float16}) {
    const auto found = copies_.find({arena.storage, dtype});
    if (found == copies_.end()) continue;
    Copied& copied = found->second.arena;
    if (!copied.data) {
      release(found->second);  // what it holds is in the new one
      allocate(copied, arena, dtype);
    }
    const int64_t place = place_in(copied.source, arena);
    if (place < 0) return {};
    // A part of the arena leaves the rest as it was.
    if (elements(arena) == elements(copied.source) || copied.version + 1 == arena.version)
      copied.version = arena.version;
    View copy = arena;
    copy.dtype = dtype;
    copy.data = static_cast<char*>(copied.data) + static_cast<size_t>(place) * info(dtype).bytes;
    return copy;
  }
  return {};
}

View compute_copy(const Context& context, const View& arena) {
  return state_of(context).copies->of_arena(arena);
}

}  // namespace everlearn::cuda
