#include "fiber.h"

#include <cstdint>
#include <cstring>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#ifndef __x86_64__
#error "fibers are written for x86-64"
#endif

// Saves what a call must keep, stores the stack pointer at *rdi, goes on from the one in rsi.
extern "C" void everlearn_switch_stack(void** save, void* pointer);
asm(R"(
.text
.globl everlearn_switch_stack
.type everlearn_switch_stack, @function
everlearn_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size everlearn_switch_stack, .-everlearn_switch_stack
)");

namespace shim {

namespace {

Fiber* current = nullptr;
void* host_pointer = nullptr;
#ifdef __SANITIZE_ADDRESS__
const void* host_bottom = nullptr;
size_t host_bytes = 0;
#endif

}  // namespace

Fiber::Fiber(void (*entry)()) : stack_(new char[kStackBytes]) {
  const uintptr_t top = (reinterpret_cast<uintptr_t>(stack_.get()) + kStackBytes) & ~uintptr_t{15};
  // As everlearn_switch_stack leaves a stack: six registers, where to return to, and the alignment of a call.
  void** frame = reinterpret_cast<void**>(top) - 8;
  std::memset(frame, 0, 8 * sizeof(void*));
  frame[6] = reinterpret_cast<void*>(entry);
  pointer_ = frame;
}

void Fiber::enter() {
  current = this;
#ifdef __SANITIZE_ADDRESS__
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, stack_.get(), kStackBytes);
#endif
  everlearn_switch_stack(&host_pointer, pointer_);
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
}

void Fiber::leave() {
  Fiber* self = current;
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(&self->fake_stack_, host_bottom, host_bytes);
#endif
  everlearn_switch_stack(&self->pointer_, host_pointer);
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(self->fake_stack_, &host_bottom, &host_bytes);
#endif
}

void began() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(nullptr, &host_bottom, &host_bytes);
#endif
}

}  // namespace shim
