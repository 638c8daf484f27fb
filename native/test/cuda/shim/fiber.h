// Fibers: stacks that a single thread of the host changes between, x86-64 only.
#pragma once

#include <cstddef>
#include <memory>

namespace shim {

class Fiber {
 public:
  // Calls `entry`, which never returns, at the first enter().
  explicit Fiber(void (*entry)());
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void enter();         // from the host's own stack, until the fiber leaves
  static void leave();  // from a fiber, back to where it was entered

 private:
  static constexpr size_t kStackBytes = 128 << 10;
  std::unique_ptr<char[]> stack_;
  void* pointer_;
  void* fake_stack_ = nullptr;  // AddressSanitizer's
};

void began();  // what `entry` calls first

}  // namespace shim
