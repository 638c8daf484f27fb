// attention and its backward: cuDNN where it takes the shape, else our own kernels.
#pragma once

#include <cudnn.h>

#include <map>
#include <optional>
#include <string>

#include "attention_plan.h"
#include "context.h"

namespace everlearn::cuda {

// cuDNN keeps the log-sum-exp of each row token by token ([M, heads] in the memory of `lse`), our own kernels
// head by head; so whether an op's shape is cuDNN's is decided once, for forward and backward together.
class Attentions {
 public:
  explicit Attentions(State& state);
  Attentions(const Attentions&) = delete;
  Attentions& operator=(const Attentions&) = delete;
  ~Attentions();

  // False: not a shape for cuDNN, nothing was launched.
  bool forward(const Context& context, const Attention& op);
  bool backward(const Context& context, const AttentionBackward& op);

 private:
  struct Plans {
    AttentionPlan forward, backward;
  };

  // Null: cuDNN does not take this op.
  template <class Op>
  const Plans* plans_of(const Op& op, AttentionShape* shape);
  AttentionPlan plan(const AttentionShape& shape) const;

  State& state_;
  const Libraries& library_;
  cudnnHandle_t handle_ = nullptr;
  std::string machine_;  // all but the shape that a plan depends on
  std::map<AttentionShape, std::optional<Plans>> plans_;
};

}  // namespace everlearn::cuda
