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

// What an event or a stream answers when it is asked whether it has passed. That it has not is no failure,
// though the run time remembers it as this thread's last one, where the next launch would find it.
bool has_passed(cudaError_t answer);

}  // namespace everlearn::cuda
