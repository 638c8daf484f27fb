#include "status.h"

#include <string>

#include "context.h"
#include "libraries.h"

namespace everlearn::cuda {

namespace {

// After these the process can do nothing more on the device.
bool is_final(cudaError_t status) {
  return status == cudaErrorIllegalAddress || status == cudaErrorLaunchFailure || status == cudaErrorAssert ||
         status == cudaErrorMisalignedAddress || status == cudaErrorIllegalInstruction ||
         status == cudaErrorInvalidPc || status == cudaErrorHardwareStackError ||
         status == cudaErrorECCUncorrectable;
}

}  // namespace

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // what is not final must not be found again by the next launch
  const std::string text = std::string(what) + ": " + cudaGetErrorString(status);
  if (status == cudaErrorMemoryAllocation) {
    size_t free = 0, total = 0;
    if (cudaMemGetInfo(&free, &total) != cudaSuccess) free = 0;
    throw state_error("OUT_OF_MEMORY", text + ", " + std::to_string(free) +
                                           " bytes free on the device: use a smaller micro-batch");
  }
  throw state_error("CUDA",
                    text + (is_final(status) ? "; nothing more can run on this device in this process" : ""));
}

bool has_passed(cudaError_t answer) {
  if (answer == cudaErrorNotReady) cudaGetLastError();
  return answer == cudaSuccess;
}

void check(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw state_error("CUBLAS", std::string(what) + ": " + libraries().cublasLtGetStatusString(status));
}

void check(cudnnStatus_t status, const char* what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char detail[512] = "";
  libraries().cudnnGetLastErrorString(detail, sizeof detail);
  throw state_error("CUDNN", std::string(what) + ": " + libraries().cudnnGetErrorString(status) +
                                 (detail[0] ? std::string(" (") + detail + ")" : ""));
}

void check_launch(const char* what) { check(cudaGetLastError(), what); }

}  // namespace everlearn::cuda
