#include "attention_plan.h"

#include "context.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

using Descriptor = cudnnBackendDescriptor_t;

Descriptor described_device(CudnnDescriptors& made, const std::string& description) {
  const Descriptor device = made.make(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  made.set(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
           static_cast<int64_t>(description.size()), description.data());
  made.finalize(device, "describing a GPU to cuDNN");
  return device;
}

int64_t workspace_of(const Libraries& library, Descriptor plan) {
  int64_t bytes = 0, count = 0;
  check(library.cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                         &count, &bytes),
        "asking for the size of a workspace");
  return bytes;
}

// cuDNN's choices for a graph, best first.
std::vector<Descriptor> configurations(CudnnDescriptors& made, const PlanTarget& target, Descriptor graph) {
  const Libraries& library = made.library();
  const Descriptor heuristics = made.make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  const cudnnBackendHeurMode_t mode = CUDNN_HEUR_MODE_A;
  made.set(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  made.set(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
  if (!target.handle)
    made.set(heuristics, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, described_device(made, target.description));
  made.finalize(heuristics, "choosing an engine for attention");
  int64_t count = 0;
  check(library.cudnnBackendGetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                         CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr),
        "choosing an engine for attention");
  std::vector<Descriptor> choices;
  for (int64_t i = 0; i < count; ++i) choices.push_back(made.make(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR));
  if (count)
    check(library.cudnnBackendGetAttribute(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                           CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &count, choices.data()),
          "choosing an engine for attention");
  choices.resize(static_cast<size_t>(count));
  return choices;
}

}  // namespace

AttentionPlan make_attention_plan(const Libraries& library, const PlanTarget& target,
                                  const AttentionShape& shape) {
  CudnnDescriptors made(library);
  const auto operations = attention_operations(made, shape);
  const Descriptor graph = made.make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  made.set(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
           static_cast<int64_t>(operations.size()), operations.data());
  if (target.handle) made.set(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &target.handle);
  made.finalize(graph, "putting together attention's operations");

  const auto choices = configurations(made, target, graph);
  std::string problem = "cuDNN has no engine for attention of this shape on this GPU";
  for (const Descriptor choice : choices) {
    AttentionPlan plan;
    plan.descriptors = std::make_unique<CudnnDescriptors>(library);
    plan.plan = plan.descriptors->make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    try {
      if (target.handle)
        plan.descriptors->set(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1,
                              &target.handle);
      plan.descriptors->set(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, choice);
      plan.descriptors->finalize(plan.plan, "compiling attention");
      plan.workspace = workspace_of(library, plan.plan);
      plan.choices = static_cast<int64_t>(choices.size());
      return plan;
    } catch (const Error& error) {
      problem = error.what();
    }
  }
  throw state_error("CUDNN", problem);
}

std::string plan_text(const AttentionPlan& plan) {
  const Libraries& library = plan.descriptors->library();
  int64_t size = 0;
  constexpr const char* kWhat = "writing a plan of attention";
  check(library.cudnnBackendGetAttribute(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                         CUDNN_TYPE_CHAR, 0, &size, nullptr),
        kWhat);
  std::string text(static_cast<size_t>(size), '\0');
  check(library.cudnnBackendGetAttribute(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                         CUDNN_TYPE_CHAR, size, &size, text.data()),
        kWhat);
  return text;
}

AttentionPlan plan_from_text(const Libraries& library, const PlanTarget& target, const std::string& text) {
  AttentionPlan plan;
  plan.descriptors = std::make_unique<CudnnDescriptors>(library);
  CudnnDescriptors& made = *plan.descriptors;
  const Descriptor device = target.handle ? nullptr : described_device(made, target.description);
  plan.plan = made.make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  if (target.handle)
    made.set(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &target.handle);
  else
    made.set(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device);
  made.set(plan.plan, CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
           static_cast<int64_t>(text.size()), text.data());
  made.finalize(plan.plan, "reading a plan of attention");
  plan.workspace = workspace_of(library, plan.plan);
  return plan;
}

}  // namespace everlearn::cuda
