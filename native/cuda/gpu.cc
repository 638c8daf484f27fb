#include "gpu.h"

#include <cstring>
#include <string>
#include <utility>

#include "attention.h"
#include "compute_copies.h"
#include "libraries.h"
#include "linear.h"
#include "memory.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

constexpr int kLeastCapability = 80;
// What is no larger is copied while the compute stream works, by way of a second block on the device.
constexpr size_t kLargestOverlapped = size_t{4} << 20;

constexpr size_t kScratchStep = size_t{1} << 20;  // sizes that change a little ask for memory seldom

thread_local Gpu* executing = nullptr;

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

int attribute(cudaDeviceAttr which, int index) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, index), "asking for a property of the GPU");
  return value;
}

}  // namespace

void require_gpu(int index) {
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0)
    throw state_error("NO_DRIVER",
                      "no NVIDIA driver is installed (libcuda.so.1 was not found): install one for CUDA " +
                          version_text(runtime) + " or newer, or use device 'cpu'");
  // Within one major version an older driver will do.
  if (driver / 1000 < runtime / 1000)
    throw state_error("DRIVER_TOO_OLD", "the NVIDIA driver is for CUDA " + version_text(driver) +
                                            ", this build needs one for CUDA " +
                                            std::to_string(runtime / 1000) +
                                            ".0 or newer: update the driver");
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess && status != cudaErrorNoDevice) {
    cudaGetLastError();
    throw state_error("NO_GPU",
                      std::string("the NVIDIA driver does not answer: ") + cudaGetErrorString(status));
  }
  if (count == 0)
    throw state_error("NO_GPU",
                      "this process sees no NVIDIA GPU: look at nvidia-smi and CUDA_VISIBLE_DEVICES");
  if (index < 0 || index >= count)
    throw state_error("NO_DEVICE", "there is no device cuda:" + std::to_string(index) +
                                       ": this process sees " + std::to_string(count) + " GPU" +
                                       (count == 1 ? "" : "s") + ", counted from cuda:0");
  const int capability = 10 * attribute(cudaDevAttrComputeCapabilityMajor, index) +
                         attribute(cudaDevAttrComputeCapabilityMinor, index);
  if (capability < kLeastCapability)
    throw state_error("UNSUPPORTED_GPU", "cuda:" + std::to_string(index) + " has compute capability " +
                                             std::to_string(capability / 10) + "." +
                                             std::to_string(capability % 10) +
                                             ", 8.0 (A100) or newer is needed");
}

Properties properties_of(int index) {
  Properties properties;
  properties.index = index;
  properties.capability = 10 * attribute(cudaDevAttrComputeCapabilityMajor, index) +
                          attribute(cudaDevAttrComputeCapabilityMinor, index);
  properties.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, index);
  properties.threads_per_multiprocessor = attribute(cudaDevAttrMaxThreadsPerMultiProcessor, index);
  properties.shared_bytes_per_block = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, index);
  return properties;
}

Gpu::Gpu(const PluginOptions& options) : staging_(options.index) {
  require_gpu(options.index);
  if (!libraries().cublaslt_state.found)
    throw state_error("LIBRARY_MISSING",
                      "cuBLASLt is needed on a GPU: " + libraries().cublaslt_state.problem);
  try {
    open(options);
  } catch (...) {
    release();
    throw;
  }
}

Gpu::~Gpu() { release(); }

void Gpu::open(const PluginOptions& options) {
  check(cudaSetDevice(options.index), "opening the GPU");
  state_.properties = properties_of(options.index);
  state_.deterministic = options.deterministic;
  size_t free = 0;
  check(cudaMemGetInfo(&free, &state_.properties.memory_bytes), "opening the GPU");
  for (cudaStream_t* stream : {&state_.compute, &transfer_, &collective_})
    check(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "making a stream");
  check(cudaEventCreateWithFlags(&transferred_, cudaEventDisableTiming), "making an event");

  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = options.index;
  check(cudaMemPoolCreate(&state_.pool, &properties), "making the memory pool");
  uint64_t keep = UINT64_MAX;  // until trim()
  check(cudaMemPoolSetAttribute(state_.pool, cudaMemPoolAttrReleaseThreshold, &keep),
        "making the memory pool");
  // A transfer takes other memory rather than wait for what computes on it.
  int waits = 0;
  check(cudaMemPoolSetAttribute(state_.pool, cudaMemPoolReuseAllowInternalDependencies, &waits),
        "making the memory pool");

  context_ = {1, &state_, scratch};
  state_.copies = new ComputeCopies(state_);
  state_.linears = new Linears(state_);
  if (libraries().cudnn_state.found && libraries().nvrtc_state.found)
    state_.attentions = new Attentions(state_);
}

// When the process ends CUDA may be gone already: nothing here may fail.
void Gpu::release() {
  cudaSetDevice(state_.properties.index);
  delete state_.attentions;
  delete state_.linears;
  delete state_.copies;
  for (const Scratch& scratch : scratch_)
    if (scratch.data) cudaFreeAsync(scratch.data, state_.compute);
  if (state_.pool) cudaMemPoolDestroy(state_.pool);
  if (transferred_) cudaEventDestroy(transferred_);
  for (const cudaStream_t stream : {state_.compute, transfer_, collective_})
    if (stream) cudaStreamDestroy(stream);
}

void Gpu::start() {
  executing = this;
  cudaSetDevice(state_.properties.index);
  completion_ = std::make_unique<Completion>(state_.properties.index);
}

void Gpu::finish() {
  // Before anything is waited for: a collective may wait for a rank that has gone.
  set_communicator(nullptr);
  completion_.reset();
  for (const cudaStream_t stream : {state_.compute, transfer_, collective_}) cudaStreamSynchronize(stream);
  executing = nullptr;
}

void* Gpu::allocate(size_t bytes) {
  void* data = nullptr;
  check(cudaSetDevice(state_.properties.index), "allocating");
  const std::lock_guard lock(graphs_.capturing());
  // Whatever uses it is launched later on this stream, whichever thread asks.
  const cudaError_t status = cudaMallocFromPoolAsync(&data, bytes, state_.pool, state_.compute);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(status, "allocating");
  return data;
}

size_t Gpu::free_bytes() const {
  size_t free = 0, total = 0;
  return cudaSetDevice(state_.properties.index) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess
             ? free
             : 0;
}

void Gpu::free(void* data) {
  cudaSetDevice(state_.properties.index);
  cudaFreeAsync(data, state_.compute);
}

void Gpu::trim() {
  cudaStreamSynchronize(state_.compute);
  cudaMemPoolTrimTo(state_.pool, 0);
}

void* Gpu::scratch(int slot, size_t bytes) {
  Gpu& gpu = *executing;
  Scratch& wanted = gpu.scratch_[slot];
  if (wanted.bytes < bytes) {
    if (wanted.data) cuda::release(gpu.state_, wanted.data);
    wanted = {};
    const size_t size = (bytes + kScratchStep - 1) / kScratchStep * kScratchStep;
    wanted.data =
        cuda::allocate(gpu.state_, size, (std::to_string(size) + " bytes of scratch asked for").c_str());
    wanted.bytes = size;
  }
  return wanted.data;
}

void Gpu::write(void* to, const void* staged, size_t bytes) {
  const cudaStream_t compute = state_.compute;
  constexpr const char* kWhat = "copying to the device";
  if (!staging_.page_locked(staged)) {
    check(cudaMemcpyAsync(to, staged, bytes, cudaMemcpyHostToDevice, compute), kWhat);
    return;
  }
  // Earlier commands may still use `to`, so that the copy across the bus goes to a block of its own
  // meanwhile, where there is memory for one.
  void* arrived = nullptr;
  if (bytes <= kLargestOverlapped &&
      cudaMallocFromPoolAsync(&arrived, bytes, state_.pool, transfer_) != cudaSuccess)
    cudaGetLastError();
  if (!arrived) {
    check(cudaMemcpyAsync(to, staged, bytes, cudaMemcpyHostToDevice, compute), kWhat);
    staging_.used_until(staged, compute);
    return;
  }
  check(cudaMemcpyAsync(arrived, staged, bytes, cudaMemcpyHostToDevice, transfer_), kWhat);
  staging_.used_until(staged, transfer_);
  check(cudaEventRecord(transferred_, transfer_), kWhat);
  check(cudaStreamWaitEvent(compute, transferred_, 0), kWhat);
  check(cudaMemcpyAsync(to, arrived, bytes, cudaMemcpyDeviceToDevice, compute), kWhat);
  check(cudaFreeAsync(arrived, compute), kWhat);
}

void Gpu::read(void* to, const void* from, size_t bytes) {
  void* staged = staging_.take(bytes);
  const bool direct = !staged || !staging_.page_locked(staged);
  if (direct && staged) staging_.give_back(staged);
  const cudaError_t status =
      cudaMemcpyAsync(direct ? to : staged, from, bytes, cudaMemcpyDeviceToHost, state_.compute);
  if (!direct) {
    if (status == cudaSuccess)
      reads_.push_back({to, staged, bytes});
    else
      staging_.give_back(staged);
  }
  check(status, "copying from the device");
}

cudaEvent_t Gpu::mark() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "making an event");
  if (const cudaError_t status = cudaEventRecord(event, state_.compute); status != cudaSuccess) {
    cudaEventDestroy(event);
    check(status, "timing an operation");
  }
  return event;
}

double Gpu::seconds(const void* from, const void* to) {
  const auto event = [](const void* mark) { return static_cast<cudaEvent_t>(const_cast<void*>(mark)); };
  float milliseconds = 0;
  cudaEventElapsedTime(&milliseconds, event(from), event(to));
  return static_cast<double>(milliseconds) / 1e3;
}

void Gpu::complete(Completion::Done done) {
  completion_->after(state_.compute,
                     [this, reads = std::exchange(reads_, {}), done = std::move(done)](cudaError_t status) {
                       for (const Read& read : reads) {
                         if (status == cudaSuccess) std::memcpy(read.to, read.staged, read.bytes);
                         staging_.give_back(read.staged);
                       }
                       done(status);
                     });
}

void Gpu::set_communicator(const CommunicatorOptions* options) {
  std::shared_ptr<Communicator> before;
  {
    const std::lock_guard lock(communicator_mutex_);
    before.swap(communicator_);
  }
  before.reset();
  if (!options) return;
  auto opened =
      std::make_shared<Communicator>(state_.properties.index, state_.compute, collective_, *options);
  const std::lock_guard lock(communicator_mutex_);
  communicator_ = std::move(opened);
}

std::shared_ptr<Communicator> Gpu::communicator() const {
  const std::lock_guard lock(communicator_mutex_);
  if (!communicator_)
    throw state_error("COMMUNICATION", "this device belongs to no communicator: join one first");
  return communicator_;
}

std::exception_ptr Gpu::communication_failure() const {
  const std::lock_guard lock(communicator_mutex_);
  return communicator_ ? communicator_->failure() : nullptr;
}

}  // namespace everlearn::cuda
