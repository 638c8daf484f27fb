// Descriptors of cuDNN's backend API, made and filled.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <vector>

#include "libraries.h"

namespace everlearn::cuda {

// A descriptor of the backend API and those it refers to.
class CudnnDescriptors {
 public:
  explicit CudnnDescriptors(const Libraries& library) : library_(library) {}
  CudnnDescriptors(const CudnnDescriptors&) = delete;
  CudnnDescriptors& operator=(const CudnnDescriptors&) = delete;
  ~CudnnDescriptors();

  const Libraries& library() const { return library_; }
  // Lives as long as this.
  cudnnBackendDescriptor_t make(cudnnBackendDescriptorType_t type);
  void set(cudnnBackendDescriptor_t to, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
           int64_t count, const void* values);
  void set(cudnnBackendDescriptor_t to, cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t value);
  void finalize(cudnnBackendDescriptor_t descriptor, const char* what);

 private:
  const Libraries& library_;
  std::vector<cudnnBackendDescriptor_t> made_;
};

}  // namespace everlearn::cuda
