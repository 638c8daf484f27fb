#include "cudnn_descriptors.h"

#include "status.h"

namespace everlearn::cuda {

CudnnDescriptors::~CudnnDescriptors() {
  // Those that refer to others were made after them.
  for (auto descriptor = made_.rbegin(); descriptor != made_.rend(); ++descriptor)
    library_.cudnnBackendDestroyDescriptor(*descriptor);
}

cudnnBackendDescriptor_t CudnnDescriptors::make(cudnnBackendDescriptorType_t type) {
  cudnnBackendDescriptor_t descriptor = nullptr;
  check(library_.cudnnBackendCreateDescriptor(type, &descriptor), "making a descriptor of cuDNN");
  made_.push_back(descriptor);
  return descriptor;
}

void CudnnDescriptors::set(cudnnBackendDescriptor_t to, cudnnBackendAttributeName_t name,
                           cudnnBackendAttributeType_t type, int64_t count, const void* values) {
  check(library_.cudnnBackendSetAttribute(to, name, type, count, values), "describing attention to cuDNN");
}

void CudnnDescriptors::set(cudnnBackendDescriptor_t to, cudnnBackendAttributeName_t name,
                           cudnnBackendDescriptor_t value) {
  set(to, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

void CudnnDescriptors::finalize(cudnnBackendDescriptor_t descriptor, const char* what) {
  check(library_.cudnnBackendFinalize(descriptor), what);
}

}  // namespace everlearn::cuda
