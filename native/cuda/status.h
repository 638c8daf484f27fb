// Status codes of CUDA and its libraries as errors.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

namespace everlearn::cuda {

// Each throws unless the call went well: OUT_OF_MEMORY, CUDA, CUBLAS or CUDNN, naming what was being done.
void check(cudaError_t status, const char* what);
void check(cublasStatus_t status, const char* what);
void check(cudnnStatus_t status, const char* what);

}  // namespace everlearn::cuda
