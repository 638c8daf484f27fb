// Which instruction set a kernel file is compiled for. Every file here is compiled once per level, with
// -DEVERLEARN_LEVEL=v2|v3|v4|bf16, into a namespace of its own; whatever is shared between files of a level
// is static and always inlined, so that the linker can never put one level's code in another's place.
#pragma once

#include "../../backend.h"
#include "../../ops.h"

#ifndef EVERLEARN_LEVEL
#error "compile with -DEVERLEARN_LEVEL=v2, v3, v4 or bf16"
#endif

#define EVERLEARN_JOIN_(a, b) a##b
#define EVERLEARN_JOIN(a, b) EVERLEARN_JOIN_(a, b)
#define EVERLEARN_TEXT_(a) #a
#define EVERLEARN_TEXT(a) EVERLEARN_TEXT_(a)

#define EVERLEARN_CPU EVERLEARN_JOIN(cpu_, EVERLEARN_LEVEL)  // the namespace
#define EVERLEARN_LEVEL_NAME EVERLEARN_TEXT(EVERLEARN_LEVEL)

#define EVERLEARN_INLINE static inline __attribute__((always_inline))
#define EVERLEARN_LAMBDA __attribute__((always_inline))
