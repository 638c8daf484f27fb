#include "attention_run.h"

#include <cmath>
#include <limits>

#include "../dtype.h"
#include "attention_layout.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

using Id = AttentionTensor;

// Cuts blocks of 16-byte aligned memory off a piece of scratch; without one it only counts.
class Cutter {
 public:
  explicit Cutter(void* memory = nullptr) : memory_(static_cast<char*>(memory)) {}
  template <class T>
  T* cut(int64_t count) {
    char* place = memory_ ? memory_ + used_ : nullptr;
    used_ += (static_cast<size_t>(count) * sizeof(T) + 255) / 256 * 256;
    return reinterpret_cast<T*>(place);
  }
  size_t used() const { return used_; }

 private:
  char* memory_;
  size_t used_ = 0;
};

// The tensors of one execution.
class Tensors {
 public:
  void add(Id id, const void* data) {
    ids_.push_back(static_cast<int64_t>(id));
    pointers_.push_back(const_cast<void*>(data));
  }
  void execute(const Libraries& library, cudnnHandle_t handle, const AttentionPlan& plan, void* workspace) {
    CudnnDescriptors made(library);
    const cudnnBackendDescriptor_t pack = made.make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    const auto count = static_cast<int64_t>(ids_.size());
    made.set(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    made.set(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointers_.data());
    made.set(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, ids_.data());
    made.finalize(pack, "describing tensors to cuDNN");
    check(library.cudnnBackendExecute(handle, plan.plan, pack), "launching cuDNN");
  }

 private:
  std::vector<int64_t> ids_;
  std::vector<void*> pointers_;
};

struct Memory {
  AttentionLayout layout;
  float *row_sums, *dq_sums;
  char* workspace;
};

Memory cut_memory(Cutter& cutter, const AttentionShape& shape, int64_t rows, int64_t workspace) {
  Memory memory;
  memory.layout.qkv_offsets = cutter.cut<int64_t>(shape.sequences + 1);
  memory.layout.y_offsets = cutter.cut<int64_t>(shape.sequences + 1);
  memory.layout.stats_offsets = cutter.cut<int64_t>(shape.sequences + 1);
  memory.layout.lengths = cutter.cut<int32_t>(shape.sequences);
  memory.layout.seed = cutter.cut<int64_t>(1);
  memory.layout.offset = cutter.cut<int64_t>(1);
  memory.row_sums = cutter.cut<float>(shape.backward ? rows * shape.heads : 0);
  memory.dq_sums =
      cutter.cut<float>(shape.backward && !shape.deterministic ? rows * shape.heads * shape.head_size : 0);
  memory.workspace = cutter.cut<char>(workspace);
  return memory;
}

// Numbers that a plan reads on the host while it is launched.
struct Scalars {
  float scale, minus_infinity = -std::numeric_limits<float>::infinity(), keep_scale, keep;
};

template <class Op>
Memory prepare(const Context& context, const Op& op, const AttentionShape& shape, const AttentionPlan& plan) {
  const int64_t rows = op.qkv.shape[0];
  Cutter size;
  cut_memory(size, shape, rows, plan.workspace);
  Cutter cutter(context.scratch(3, size.used()));
  const Memory memory = cut_memory(cutter, shape, rows, plan.workspace);
  fill_attention_layout(context, op, op.offsets, shape.heads, shape.head_size, shape.sequences,
                        memory.layout);
  return memory;
}

template <class Op>
void add_common(Tensors& tensors, const Op& op, const AttentionShape& shape, const AttentionLayout& layout,
                const Scalars& scalars, float* mask) {
  const auto* qkv = static_cast<const char*>(op.qkv.data);
  const int64_t hidden_bytes = shape.heads * shape.head_size * static_cast<int64_t>(info(shape.dtype).bytes);
  tensors.add(Id::q, qkv);
  tensors.add(Id::k, qkv + hidden_bytes);
  tensors.add(Id::v, qkv + 2 * hidden_bytes);
  tensors.add(Id::y, op.y.data);
  tensors.add(Id::stats, op.lse.data);
  tensors.add(Id::qkv_offsets, layout.qkv_offsets);
  tensors.add(Id::y_offsets, layout.y_offsets);
  tensors.add(Id::stats_offsets, layout.stats_offsets);
  tensors.add(Id::lengths_q, layout.lengths);
  tensors.add(Id::lengths_k, layout.lengths);
  tensors.add(Id::scale, &scalars.scale);
  tensors.add(Id::minus_infinity, &scalars.minus_infinity);
  if (shape.probability == 0) return;
  tensors.add(Id::seed, layout.seed);
  tensors.add(Id::offset, layout.offset);
  tensors.add(Id::keep_scale, &scalars.keep_scale);
  if (shape.keeps_mask) tensors.add(Id::mask, mask);
}

Scalars scalars_of(const AttentionShape& shape) {
  Scalars scalars;
  scalars.scale = 1 / std::sqrt(static_cast<float>(shape.head_size));
  scalars.keep = 1 - shape.probability;
  scalars.keep_scale = 1 / scalars.keep;
  return scalars;
}

}  // namespace

void run_attention(const Context& context, const Libraries& library, cudnnHandle_t handle,
                   const AttentionPlan& plan, const AttentionShape& shape, const Attention& op, float* mask) {
  const Memory memory = prepare(context, op, shape, plan);
  const Scalars scalars = scalars_of(shape);
  Tensors tensors;
  add_common(tensors, op, shape, memory.layout, scalars, mask);
  tensors.execute(library, handle, plan, memory.workspace);
  zero_rows_of_no_sequence(context, op.offsets, op.y);
}

void run_attention_backward(const Context& context, const Libraries& library, cudnnHandle_t handle,
                            const AttentionPlan& plan, const AttentionShape& shape,
                            const AttentionBackward& op, float* mask) {
  const Memory memory = prepare(context, op, shape, plan);
  const Scalars scalars = scalars_of(shape);
  Tensors tensors;
  add_common(tensors, op, shape, memory.layout, scalars, mask);
  auto* dqkv = static_cast<char*>(op.dqkv.data);
  const int64_t hidden_bytes = shape.heads * shape.head_size * static_cast<int64_t>(info(shape.dtype).bytes);
  tensors.add(Id::dy, op.dy.data);
  tensors.add(Id::dq, dqkv);
  tensors.add(Id::dk, dqkv + hidden_bytes);
  tensors.add(Id::dv, dqkv + 2 * hidden_bytes);
  tensors.add(Id::keep, &scalars.keep);
  tensors.add(Id::row_sums, memory.row_sums);
  if (!shape.deterministic) tensors.add(Id::dq_sums, memory.dq_sums);
  tensors.execute(library, handle, plan, memory.workspace);
  zero_rows_of_no_sequence(context, op.offsets, op.dqkv);
}

}  // namespace everlearn::cuda
