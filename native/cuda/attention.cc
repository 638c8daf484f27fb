#include "attention.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "../dtype.h"
#include "attention_layout.h"
#include "libraries.h"
#include "ops.h"
#include "plan_store.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

using Id = AttentionTensor;

constexpr int64_t kLargestHead = 128;
constexpr int64_t kLengthStep = 128;

bool aligned(const View& view) { return reinterpret_cast<uintptr_t>(view.data) % 16 == 0; }

float drop_probability(const Dropout& dropout) { return dropout.rows ? dropout.probability : 0; }

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
    made.finalize(pack, "attention");
    check(library.cudnnBackendExecute(handle, plan.plan, pack), "attention");
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
                const Scalars& scalars) {
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
}

Scalars scalars_of(const AttentionShape& shape) {
  Scalars scalars;
  scalars.scale = 1 / std::sqrt(static_cast<float>(shape.head_size));
  scalars.keep = 1 - shape.probability;
  scalars.keep_scale = 1 / scalars.keep;
  return scalars;
}

std::string machine_text(const Properties& properties, const Libraries& library) {
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, properties.index), "asking for the GPU's name");
  int driver = 0;
  cudaDriverGetVersion(&driver);
  std::string text = std::string(device.name) + "-sm" + std::to_string(properties.capability) + "-" +
                     std::to_string(properties.multiprocessors) + "-driver" + std::to_string(driver) +
                     "-cudnn" + library.cudnn_version + "-nvrtc" + library.nvrtc_version;
  for (char& c : text)
    if (c == ' ' || c == '/') c = '_';
  return text;
}

std::string shape_name(const AttentionShape& shape) {
  return "-b" + std::to_string(shape.sequences) + "-h" + std::to_string(shape.heads) + "-s" +
         std::to_string(shape.longest) + "-d" + std::to_string(shape.head_size) + "-" +
         info(shape.dtype).name + "-p" + std::to_string(std::bit_cast<uint32_t>(shape.probability)) +
         (shape.backward ? "-backward" : "-forward") + (shape.deterministic ? "-deterministic" : "");
}

}  // namespace

Attentions::Attentions(State& state)
    : state_(state), library_(libraries()), machine_(machine_text(state.properties, library_)) {
  check(library_.cudnnCreate(&handle_), "opening cuDNN");
  if (const cudnnStatus_t status = library_.cudnnSetStream(handle_, state.compute);
      status != CUDNN_STATUS_SUCCESS) {
    library_.cudnnDestroy(handle_);
    check(status, "opening cuDNN");
  }
}

Attentions::~Attentions() {
  plans_.clear();
  library_.cudnnDestroy(handle_);
}

AttentionPlan Attentions::plan(const AttentionShape& shape) const {
  const PlanTarget target = {handle_, {}};
  const std::string name = machine_ + shape_name(shape);
  if (const auto text = stored_plan(name)) {
    try {
      return plan_from_text(library_, target, *text);
    } catch (const Error&) {
      drop_plan(name);  // damaged, or of a cuDNN that differs though it says not
    }
  }
  AttentionPlan made = make_attention_plan(library_, target, shape);
  store_plan(name, plan_text(made));
  return made;
}

template <class Op>
const Attentions::Plans* Attentions::plans_of(const Op& op, AttentionShape* shape) {
  const int64_t rows = op.qkv.shape[0], hidden = op.qkv.shape[1] / 3;
  const int64_t longest = op.longest > 0 ? std::min<int64_t>(op.longest, rows) : rows;
  const auto sequences = static_cast<uint64_t>(std::max<int64_t>(op.offsets.shape[0] - 1, 1));
  // Bounds in few steps, so that few plans are made.
  *shape = {static_cast<int64_t>(std::bit_ceil(sequences)),
            op.heads,
            (longest + kLengthStep - 1) / kLengthStep * kLengthStep,
            hidden / op.heads,
            op.qkv.dtype,
            drop_probability(op),
            false,
            false};
  if (op.qkv.dtype == DType::float32 || shape->head_size % 8 || shape->head_size > kLargestHead ||
      !aligned(op.qkv) || !aligned(op.y))
    return nullptr;
  const auto found = plans_.find(*shape);
  if (found != plans_.end()) return found->second ? &*found->second : nullptr;
  std::optional<Plans> made;
  try {
    AttentionShape backward = *shape;
    backward.backward = true;
    backward.deterministic = state_.deterministic;
    made = Plans{plan(*shape), plan(backward)};
  } catch (const Error&) {
    // cuDNN has nothing for this GPU or this form of the shape.
  }
  const auto& kept = plans_.emplace(*shape, std::move(made)).first->second;
  return kept ? &*kept : nullptr;
}

bool Attentions::forward(const Context& context, const Attention& op) {
  AttentionShape shape;
  const Plans* plans = plans_of(op, &shape);
  if (!plans) return false;
  const Memory memory = prepare(context, op, shape, plans->forward);
  const Scalars scalars = scalars_of(shape);
  Tensors tensors;
  add_common(tensors, op, shape, memory.layout, scalars);
  tensors.execute(library_, handle_, plans->forward, memory.workspace);
  zero_rows_of_no_sequence(context, op.offsets, op.y);
  return true;
}

bool Attentions::backward(const Context& context, const AttentionBackward& op) {
  AttentionShape shape;
  const Plans* plans = plans_of(op, &shape);
  if (!plans) return false;
  if (!aligned(op.dy) || !aligned(op.dqkv))
    throw state_error("ALIGNMENT",
                      "attentionBackward: dy and dqkv must start at multiples of 16 bytes on a GPU");
  shape.backward = true;
  shape.deterministic = state_.deterministic;
  const Memory memory = prepare(context, op, shape, plans->backward);
  const Scalars scalars = scalars_of(shape);
  Tensors tensors;
  add_common(tensors, op, shape, memory.layout, scalars);
  auto* dqkv = static_cast<char*>(op.dqkv.data);
  const int64_t hidden_bytes = shape.heads * shape.head_size * static_cast<int64_t>(info(shape.dtype).bytes);
  tensors.add(Id::dy, op.dy.data);
  tensors.add(Id::dq, dqkv);
  tensors.add(Id::dk, dqkv + hidden_bytes);
  tensors.add(Id::dv, dqkv + 2 * hidden_bytes);
  tensors.add(Id::keep, &scalars.keep);
  tensors.add(Id::row_sums, memory.row_sums);
  if (!shape.deterministic) tensors.add(Id::dq_sums, memory.dq_sums);
  tensors.execute(library_, handle_, plans->backward, memory.workspace);
  zero_rows_of_no_sequence(context, op.offsets, op.dqkv);
  return true;
}

void attention(const Context& context, const Attention& op) {
  if (op.qkv.shape[0] == 0) return;
  Attentions* cudnn = state_of(context).attentions;
  if (!cudnn || !cudnn->forward(context, op)) own_attention(context, op);
}

void attentionBackward(const Context& context, const AttentionBackward& op) {
  if (op.qkv.shape[0] == 0) return;
  Attentions* cudnn = state_of(context).attentions;
  if (!cudnn || !cudnn->backward(context, op)) own_attention_backward(context, op);
}

}  // namespace everlearn::cuda
