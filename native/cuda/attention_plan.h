// Execution plans of cuDNN's attention: made for a GPU at hand or for one that is only described, kept in
// memory and, as JSON, on disk.
#pragma once

#include <memory>
#include <string>

#include "attention_graph.h"

namespace everlearn::cuda {

// Which GPU plans are made for: the one of `handle`, or the one `description` (cuDNN's JSON of its
// properties) tells of.
struct PlanTarget {
  cudnnHandle_t handle = nullptr;
  std::string description;
};

struct AttentionPlan {
  std::unique_ptr<CudnnDescriptors> descriptors;  // hold `plan`
  cudnnBackendDescriptor_t plan = nullptr;
  int64_t workspace = 0;
  int64_t choices = 0;  // engine configurations that cuDNN offered
};

// The best of cuDNN's engines that compiles. Throws CUDNN with the reason when there is none for the shape.
AttentionPlan make_attention_plan(const Libraries& library, const PlanTarget& target,
                                  const AttentionShape& shape);

// A plan as text and back, which is a hundred times quicker than making it. Throws CUDNN.
std::string plan_text(const AttentionPlan& plan);
AttentionPlan plan_from_text(const Libraries& library, const PlanTarget& target, const std::string& text);

}  // namespace everlearn::cuda
