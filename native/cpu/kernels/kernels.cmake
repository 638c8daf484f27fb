# Object libraries everlearn_kernels_v2|v3|v4|bf16: the same files compiled once per instruction set level.
# Including this makes them; EVERLEARN_KERNEL_OBJECTS lists their objects for a library's sources.
set(EVERLEARN_KERNEL_LEVELS v2 v3 v4 bf16)
set(EVERLEARN_KERNEL_MARCH_v2 -march=x86-64-v2)
set(EVERLEARN_KERNEL_MARCH_v3 -march=x86-64-v3)
set(EVERLEARN_KERNEL_MARCH_v4 -march=x86-64-v4)
set(EVERLEARN_KERNEL_MARCH_bf16 -march=x86-64-v4 -mavx512bf16)

file(GLOB EVERLEARN_KERNEL_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cc)
set(EVERLEARN_KERNEL_OBJECTS)
# Instrumented and all inlined, -O3 would compile for minutes.
set(EVERLEARN_KERNEL_OPTIMIZE $<IF:$<BOOL:${EVERLEARN_SANITIZE}>,-O1,-O3>)
foreach(level ${EVERLEARN_KERNEL_LEVELS})
  set(target everlearn_kernels_${level})
  add_library(${target} OBJECT ${EVERLEARN_KERNEL_SOURCES})
  target_compile_definitions(${target} PRIVATE EVERLEARN_LEVEL=${level})
  # No exceptions: their personality pointer would be a weak symbol in every level's files.
  target_compile_options(${target} PRIVATE ${EVERLEARN_KERNEL_OPTIMIZE} ${EVERLEARN_KERNEL_MARCH_${level}}
    -fopenmp -fPIC -fvisibility=hidden
    -fno-exceptions -fno-math-errno -fno-trapping-math -ffp-contract=fast -Wall -Wextra
    -Wno-psabi -Wno-maybe-uninitialized)  # the latter: gcc 12 on its own intrinsics
  set_target_properties(${target} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS ON)
  list(APPEND EVERLEARN_KERNEL_OBJECTS $<TARGET_OBJECTS:${target}>)
endforeach()
