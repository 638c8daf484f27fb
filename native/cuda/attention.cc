#include "attention.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <bit>

#include "../dtype.h"
#include "attention_run.h"
#include "libraries.h"
#include "ops.h"
#include "plan_store.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

constexpr int64_t kLargestHead = 128;
constexpr int64_t kLengthStep = 128;

bool aligned(const View& view) { return reinterpret_cast<uintptr_t>(view.data) % 16 == 0; }

float drop_probability(const Dropout& dropout) { return dropout.rows ? dropout.probability : 0; }

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
  run_attention(context, library_, handle_, plans->forward, shape, op);
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
  run_attention_backward(context, library_, handle_, plans->backward, shape, op);
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
