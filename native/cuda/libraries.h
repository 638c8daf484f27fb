// The libraries of the CUDA backend: what is used of each. The headers they are declared in are those the
// backend was built with; any version that has these symbols and is new enough will do.
#pragma once

#include <cublasLt.h>
#include <cudnn.h>
#include <nccl.h>
#include <nvrtc.h>

#include <string>

#include "library.h"

namespace everlearn::cuda {

#define EVERLEARN_CUBLASLT(FN)             \
  FN(cublasLtGetVersion)                   \
  FN(cublasLtCreate)                       \
  FN(cublasLtDestroy)                      \
  FN(cublasLtGetStatusString)              \
  FN(cublasLtMatmul)                       \
  FN(cublasLtMatmulAlgoGetHeuristic)       \
  FN(cublasLtMatmulDescCreate)             \
  FN(cublasLtMatmulDescDestroy)            \
  FN(cublasLtMatmulDescSetAttribute)       \
  FN(cublasLtMatmulPreferenceCreate)       \
  FN(cublasLtMatmulPreferenceDestroy)      \
  FN(cublasLtMatmulPreferenceSetAttribute) \
  FN(cublasLtMatrixLayoutCreate)           \
  FN(cublasLtMatrixLayoutDestroy)

// cuDNN compiles its attention kernels with it and finds it by its name, so it is opened first.
#define EVERLEARN_NVRTC(FN) FN(nvrtcVersion)

#define EVERLEARN_CUDNN(FN)         \
  FN(cudnnGetVersion)               \
  FN(cudnnCreate)                   \
  FN(cudnnDestroy)                  \
  FN(cudnnSetStream)                \
  FN(cudnnGetErrorString)           \
  FN(cudnnGetLastErrorString)       \
  FN(cudnnBackendCreateDescriptor)  \
  FN(cudnnBackendDestroyDescriptor) \
  FN(cudnnBackendSetAttribute)      \
  FN(cudnnBackendGetAttribute)      \
  FN(cudnnBackendFinalize)          \
  FN(cudnnBackendExecute)

#define EVERLEARN_NCCL(FN)   \
  FN(ncclGetVersion)         \
  FN(ncclGetUniqueId)        \
  FN(ncclCommInitRankConfig) \
  FN(ncclCommGetAsyncError)  \
  FN(ncclCommFinalize)       \
  FN(ncclCommDestroy)        \
  FN(ncclCommAbort)          \
  FN(ncclGetErrorString)     \
  FN(ncclGetLastError)       \
  FN(ncclAllReduce)          \
  FN(ncclReduceScatter)      \
  FN(ncclAllGather)          \
  FN(ncclBroadcast)

#define EVERLEARN_LIBRARY_FUNCTION(name) decltype(&::name) name = nullptr;
struct Libraries {
  LibraryState cublaslt_state, nvrtc_state, cudnn_state, nccl_state;
  std::string cublaslt_version, nvrtc_version, cudnn_version, nccl_version;
  EVERLEARN_CUBLASLT(EVERLEARN_LIBRARY_FUNCTION)
  EVERLEARN_NVRTC(EVERLEARN_LIBRARY_FUNCTION)
  EVERLEARN_CUDNN(EVERLEARN_LIBRARY_FUNCTION)
  EVERLEARN_NCCL(EVERLEARN_LIBRARY_FUNCTION)
};
#undef EVERLEARN_LIBRARY_FUNCTION

// Opened at the first call.
const Libraries& libraries();

}  // namespace everlearn::cuda
