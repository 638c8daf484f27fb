// The boundary between the engine and a backend: plain data and one table of functions, nothing with a
// constructor, so that kernel files compiled for one instruction set can include it.
#pragma once

#include <stdint.h>
#include <stddef.h>

namespace everlearn {

enum class DType : uint8_t { float32, bfloat16, float16, int32, uint8 };

constexpr int kMaxRank = 4;

// A tensor as an op sees it: contiguous, row-major, never owning. An absent optional tensor has data ==
// nullptr.
struct View {
  void* data = nullptr;
  int64_t shape[kMaxRank] = {};
  int32_t rank = 0;
  DType dtype = DType::float32;
  // Which buffer this is a part of and how often that buffer had been written when the op was queued. A
  // backend keeps compute copies of weights under (data, storage, version).
  uint64_t storage = 0;
  uint64_t version = 0;

  explicit operator bool() const { return data != nullptr; }
};

// What an op may use while it runs.
struct Context {
  int threads;  // size of the compute team
  void* state;  // the backend's own
  // 64-byte aligned memory that lives until the running op returns; slot 0..3, each its own block, kept
  // between calls.
  void* (*scratch)(int slot, size_t bytes);
};

constexpr uint32_t kBackendAbi = 1;

}  // namespace everlearn
