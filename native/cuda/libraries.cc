#include "libraries.h"

namespace everlearn::cuda {

namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

// A library that is too old is as good as none.
void require_version(LibraryState& state, const std::string& found, bool enough, const char* least) {
  if (!state.found || enough) return;
  state.found = false;
  state.problem = state.path + " is version " + found + "; " + least + " or newer is needed";
}

Libraries open_all() {
  Libraries all;
#define EVERLEARN_SYMBOL(name) {#name, reinterpret_cast<void**>(&all.name)},
  all.cublaslt_state = open_library({"cuBLASLt",
                                     {"libcublasLt.so.13", "libcublasLt.so.12"},
                                     {"cu13", "cublas"},
                                     {EVERLEARN_CUBLASLT(EVERLEARN_SYMBOL)}});
  all.nvrtc_state = open_library({"NVRTC",
                                  {"libnvrtc.so.13", "libnvrtc.so.12"},
                                  {"cu13", "cuda_nvrtc"},
                                  {EVERLEARN_NVRTC(EVERLEARN_SYMBOL)}});
  all.cudnn_state =
      open_library({"cuDNN", {"libcudnn.so.9"}, {"cudnn"}, {EVERLEARN_CUDNN(EVERLEARN_SYMBOL)}});
  all.nccl_state = open_library({"NCCL", {"libnccl.so.2"}, {"nccl"}, {EVERLEARN_NCCL(EVERLEARN_SYMBOL)}});
#undef EVERLEARN_SYMBOL

  if (all.cublaslt_state.found) {
    const auto version = static_cast<int>(all.cublasLtGetVersion());
    all.cublaslt_version = dotted(version / 10000, version / 100 % 100, version % 100);
  }
  if (int major = 0, minor = 0; all.nvrtc_state.found && all.nvrtcVersion(&major, &minor) == NVRTC_SUCCESS)
    all.nvrtc_version = std::to_string(major) + "." + std::to_string(minor);
  if (all.cudnn_state.found) {
    const auto version = static_cast<int>(all.cudnnGetVersion());
    all.cudnn_version = dotted(version / 10000, version / 100 % 100, version % 100);
    // The softmax operation is there since 9.20, views by reshape since 9.22.
    require_version(all.cudnn_state, all.cudnn_version, version >= 92200, "9.22");
  }
  if (int version = 0; all.nccl_state.found && all.ncclGetVersion(&version) == ncclSuccess) {
    all.nccl_version = dotted(version / 10000, version / 100 % 100, version % 100);
    // Non-blocking communicators are there since 2.14.
    require_version(all.nccl_state, all.nccl_version, version >= 21400, "2.14");
  }
  return all;
}

}  // namespace

const Libraries& libraries() {
  static const Libraries all = open_all();
  return all;
}

}  // namespace everlearn::cuda
