// Makes the attention plans of the shapes that training uses for a GPU that is only described:
//   attention_plans_test NAME DEVICE_JSON_FILE
// needs cuDNN, NVRTC and cuBLASLt (EVERLEARN_CUDA_PATH) and any libcuda.so.1. Nothing runs on a GPU.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "../../cuda/attention_plan.h"
#include "../../error.h"

namespace {

using namespace everlearn;
using namespace everlearn::cuda;

int failures = 0;

void expect(bool good, const std::string& what) {
  std::printf("%s %s\n", good ? "ok" : "FAILED", what.c_str());
  std::fflush(stdout);
  failures += !good;
}

struct Case {
  const char* name;
  AttentionShape shape;
  bool made;  // whether cuDNN 9.22 and later have an engine for it, by their own rules
};

void run(const Case& entry, const PlanTarget& target, const std::string& device) {
  const std::string what = device + ": attention, " + entry.name;
  try {
    const AttentionPlan plan = make_attention_plan(libraries(), target, entry.shape);
    const AttentionPlan again = plan_from_text(libraries(), target, plan_text(plan));
    expect(entry.made && again.workspace == plan.workspace,
           what + ": " + std::to_string(plan.choices) + " engines, workspace " +
               std::to_string(plan.workspace) + " bytes, the same when read from its text");
  } catch (const Error& error) {
    expect(!entry.made && std::string(error.code()) == "CUDNN",
           what + ": " + error.code() + ": " + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::printf("FAILED usage: attention_plans_test NAME DEVICE_JSON_FILE\n");
    return 2;
  }
  const std::string device = argv[1];
  for (const LibraryState* state :
       {&libraries().cublaslt_state, &libraries().nvrtc_state, &libraries().cudnn_state})
    if (!state->found) {
      std::printf("FAILED %s\n", state->problem.c_str());
      return 1;
    }
  std::ifstream file(argv[2]);
  std::stringstream text;
  text << file.rdbuf();
  const PlanTarget target = {nullptr, text.str()};
  const bool hopper = text.str().find("\"deviceVer\": 900") != std::string::npos;

  const AttentionShape base = {512, 12, 128, 64, DType::bfloat16, 0.1f, false, false};
  const auto shape = [&](auto change) {
    AttentionShape changed = base;
    change(changed);
    return changed;
  };
  const Case cases[] = {
      {"base, 128 tokens, bfloat16", base, true},
      {"its backward", shape([](auto& s) { s.backward = true; }), true},
      {"float16", shape([](auto& s) { s.dtype = DType::float16; }), true},
      {"its backward, float16", shape([](auto& s) { s.dtype = DType::float16, s.backward = true; }), true},
      {"without dropout", shape([](auto& s) { s.probability = 0; }), true},
      {"its backward, without dropout", shape([](auto& s) { s.probability = 0, s.backward = true; }), true},
      {"large, 512 tokens", shape([](auto& s) { s.sequences = 128, s.heads = 16, s.longest = 512; }), true},
      {"its backward, large",
       shape([](auto& s) { s.sequences = 128, s.heads = 16, s.longest = 512, s.backward = true; }), true},
      {"heads of 32", shape([](auto& s) { s.head_size = 32, s.heads = 4; }), true},
      {"their backward", shape([](auto& s) { s.head_size = 32, s.heads = 4, s.backward = true; }), true},
      {"deterministic backward", shape([](auto& s) { s.backward = s.deterministic = true; }), hopper},
      // Those of native/test/cuda/mask/attention_mask_test.cc.
      {"with its mask", shape([](auto& s) { s.keeps_mask = true; }), true},
      {"backward with its mask", shape([](auto& s) { s.keeps_mask = s.backward = true; }), true},
      {"deterministic backward with its mask",
       shape([](auto& s) { s.keeps_mask = s.backward = s.deterministic = true; }), hopper},
  };
  for (const Case& entry : cases) run(entry, target, device);
  return failures != 0;
}
