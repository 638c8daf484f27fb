#include "communicator.h"

#include <cstring>
#include <utility>

#include "../dtype.h"
#include "context.h"
#include "status.h"

namespace everlearn::cuda {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPoll = std::chrono::microseconds(100);
constexpr auto kWatch = std::chrono::milliseconds(100);

constexpr const char* kNames[] = {"allReduce", "reduceScatter", "allGather", "broadcast"};

const char* name_of(Collective operation) { return kNames[static_cast<size_t>(operation)]; }

ncclDataType_t type_of(DType dtype) {
  constexpr ncclDataType_t kTypes[] = {ncclFloat32, ncclBfloat16, ncclFloat16, ncclInt32, ncclUint8};
  return kTypes[static_cast<size_t>(dtype)];
}

size_t elements(const View& view) {
  size_t product = 1;
  for (int i = 0; i < view.rank; ++i) product *= static_cast<size_t>(view.shape[i]);
  return product;
}

Error communication_error(const std::string& message) {
  return state_error("COMMUNICATION", message + "; start all ranks again, from the last checkpoint");
}

const Libraries& loaded() {
  if (!libraries().nccl_state.found)
    throw state_error("LIBRARY_MISSING",
                      "NCCL is needed to train on several GPUs: " + libraries().nccl_state.problem);
  return libraries();
}

}  // namespace

void Communicator::make_id(uint8_t id[kCommunicatorIdBytes]) {
  static_assert(sizeof(ncclUniqueId) == kCommunicatorIdBytes);
  ncclUniqueId made;
  if (const ncclResult_t result = loaded().ncclGetUniqueId(&made); result != ncclSuccess)
    throw communication_error(std::string("NCCL makes no id: ") + loaded().ncclGetErrorString(result));
  std::memcpy(id, &made, sizeof made);
}

Communicator::Communicator(int device, cudaStream_t compute, cudaStream_t collective,
                           const CommunicatorOptions& options)
    : library_(loaded()),
      device_(device),
      compute_(compute),
      collective_(collective),
      timeout_(options.timeout) {
  ncclUniqueId id;
  std::memcpy(&id, options.id, sizeof id);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  check(cudaEventCreateWithFlags(&ready_, cudaEventDisableTiming), "making an event");
  try {
    settle(library_.ncclCommInitRankConfig(&communicator_, options.size, id, options.rank, &config),
           "waiting for all ranks to come");
  } catch (...) {
    if (communicator_) library_.ncclCommAbort(communicator_);
    cudaEventDestroy(ready_);
    throw;
  }
  watcher_ = std::thread([this] { watch(); });
}

Communicator::~Communicator() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  watcher_.join();
  if (!failure_) {
    // Finalizing could wait for other ranks for ever; nobody needs what is still to come.
    const bool idle = has_passed(cudaStreamQuery(collective_));
    if (idle && library_.ncclCommFinalize(communicator_) == ncclSuccess)
      library_.ncclCommDestroy(communicator_);
    else
      library_.ncclCommAbort(communicator_);
  }
  for (const Launched& launched : running_) cudaEventDestroy(launched.done);
  cudaEventDestroy(ready_);
}

void Communicator::settle(ncclResult_t result, const char* what) {
  const auto deadline = Clock::now() + timeout_;
  while (result == ncclInProgress) {
    if (Clock::now() > deadline)
      throw communication_error(std::string(what) + " took longer than " + std::to_string(timeout_.count()) +
                                " s");
    std::this_thread::sleep_for(kPoll);
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    if (const ncclResult_t asked = library_.ncclCommGetAsyncError(communicator_, &result);
        asked != ncclSuccess)
      result = asked;
  }
  if (result == ncclSuccess) return;
  const char* detail = library_.ncclGetLastError(communicator_);
  throw communication_error(std::string(what) + ": " + library_.ncclGetErrorString(result) +
                            (detail && *detail ? std::string(" (") + detail + ")" : ""));
}

void Communicator::require_alive() const {
  if (const auto failed = failure()) std::rethrow_exception(failed);
}

std::exception_ptr Communicator::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Communicator::launch(Collective operation, const View& in, const View& out, int root) {
  require_alive();
  check(cudaEventRecord(ready_, compute_), name_of(operation));
  check(cudaStreamWaitEvent(collective_, ready_, 0), name_of(operation));
  const ncclDataType_t type = type_of(in.dtype);
  const auto call = [&] {
    // An abort frees what NCCL works with.
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    switch (operation) {
      case Collective::all_reduce:
        return library_.ncclAllReduce(in.data, out.data, elements(in), type, ncclSum, communicator_,
                                      collective_);
      case Collective::reduce_scatter:
        return library_.ncclReduceScatter(in.data, out.data, elements(out), type, ncclSum, communicator_,
                                          collective_);
      case Collective::all_gather:
        return library_.ncclAllGather(in.data, out.data, elements(in), type, communicator_, collective_);
      case Collective::broadcast:
        return library_.ncclBroadcast(in.data, out.data, elements(in), type, root, communicator_,
                                      collective_);
    }
    return ncclInvalidArgument;
  };
  settle(call(), name_of(operation));
  Launched launched = {nullptr, Clock::now(), launched_count_++, operation,
                       elements(in) * info(in.dtype).bytes};
  check(cudaEventCreateWithFlags(&launched.done, cudaEventDisableTiming), name_of(operation));
  check(cudaEventRecord(launched.done, collective_), name_of(operation));
  const std::lock_guard lock(mutex_);
  running_.push_back(launched);
}

void Communicator::join() {
  require_alive();
  check(cudaEventRecord(ready_, collective_), "waiting for collectives");
  check(cudaStreamWaitEvent(compute_, ready_, 0), "waiting for collectives");
}

void Communicator::abort(const char* reason) { fail(reason); }

void Communicator::fail(const std::string& message) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  failure_ = std::make_exception_ptr(communication_error(message));
  library_.ncclCommAbort(communicator_);
}

void Communicator::watch() {
  cudaSetDevice(device_);
  for (;;) {
    std::string problem;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kWatch, [this] { return closing_; });
      if (closing_ || failure_) return;
      while (!running_.empty() && cudaEventQuery(running_.front().done) != cudaErrorNotReady) {
        cudaEventDestroy(running_.front().done);
        running_.pop_front();
      }
      if (!running_.empty() && Clock::now() - running_.front().when > timeout_) {
        const Launched& stuck = running_.front();
        problem = "collective " + std::to_string(stuck.number) + " (" + name_of(stuck.operation) + " of " +
                  std::to_string(stuck.bytes) + " bytes) was not done within " +
                  std::to_string(timeout_.count()) + " s: another rank has stopped or never began it";
      }
    }
    // Only this thread and abort() end it, and abort() sets failure_ first, under the lock.
    ncclResult_t state = ncclSuccess;
    if (const std::lock_guard lock(mutex_);
        !failure_ && problem.empty() &&
        library_.ncclCommGetAsyncError(communicator_, &state) == ncclSuccess && state != ncclSuccess &&
        state != ncclInProgress)
      problem = std::string("another rank or the network failed: ") + library_.ncclGetErrorString(state);
    if (!problem.empty()) return fail(problem);
  }
}

}  // namespace everlearn::cuda
