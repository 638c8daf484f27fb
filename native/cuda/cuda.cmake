# libeverlearn_cuda.so, the CUDA backend. Including this makes the target everlearn_cuda where the CUDA compiler and the
# headers of its libraries are; EVERLEARN_CUDA decides what happens where they are not.
set(EVERLEARN_CUDA "$ENV{EVERLEARN_CUDA}" CACHE STRING "ON: build the CUDA backend or fail; OFF: leave it out; else: build it where nvcc is")
set(EVERLEARN_CUDA_ARCHITECTURES "80-real;90-real;90-virtual" CACHE STRING "GPUs the CUDA backend holds code for")
if(DEFINED ENV{EVERLEARN_CUDA_ARCHITECTURES})
  set(EVERLEARN_CUDA_ARCHITECTURES "$ENV{EVERLEARN_CUDA_ARCHITECTURES}")
endif()
set(EVERLEARN_CUDA_HEADERS "${CMAKE_BINARY_DIR}/cuda-headers" CACHE PATH "Folder that scripts/cuda-headers.sh fills")

function(everlearn_without_cuda reason)
  if(EVERLEARN_CUDA)
    message(FATAL_ERROR "EVERLEARN_CUDA is ON, but ${reason}")
  endif()
  message(STATUS "Without the CUDA backend: ${reason}")
endfunction()

if(DEFINED EVERLEARN_CUDA AND NOT EVERLEARN_CUDA STREQUAL "" AND NOT EVERLEARN_CUDA)
  return()
endif()
if(EVERLEARN_SANITIZE)  # of the host only
  return()
endif()

include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  everlearn_without_cuda("nvcc was not found. Install the CUDA toolkit (12.4 or newer) or set CUDACXX.")
  return()
endif()
execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/scripts/cuda-headers.sh ${EVERLEARN_CUDA_HEADERS}
  RESULT_VARIABLE headers_status OUTPUT_VARIABLE headers_said ERROR_VARIABLE headers_said)
if(NOT headers_status EQUAL 0)
  string(STRIP "${headers_said}" headers_said)
  everlearn_without_cuda("${headers_said}")
  return()
endif()

set(CMAKE_CUDA_ARCHITECTURES ${EVERLEARN_CUDA_ARCHITECTURES})
enable_language(CUDA)
# Some versions of CMake do not know how nvcc is told of C++20.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit REQUIRED)

file(GLOB EVERLEARN_CUDA_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cc ${CMAKE_CURRENT_LIST_DIR}/*.cu
  ${CMAKE_CURRENT_LIST_DIR}/kernels/*.cu)
add_library(everlearn_cuda_objects OBJECT ${EVERLEARN_CUDA_SOURCES})
target_include_directories(everlearn_cuda_objects SYSTEM PRIVATE ${EVERLEARN_CUDA_HEADERS} ${CUDAToolkit_INCLUDE_DIRS})
target_compile_options(everlearn_cuda_objects PRIVATE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra --expt-relaxed-constexpr -lineinfo>)
add_library(everlearn_cuda MODULE $<TARGET_OBJECTS:everlearn_cuda_objects>)
target_link_libraries(everlearn_cuda PRIVATE CUDA::cudart_static ${CMAKE_DL_LIBS})
target_link_options(everlearn_cuda PRIVATE -Wl,--gc-sections -Wl,-z,nodelete -Wl,-z,defs
  -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
set_target_properties(everlearn_cuda PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${EVERLEARN_OUTPUT}"
  LINKER_LANGUAGE CXX LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/exports.map)
if(EVERLEARN_STATIC_LIBSTDCXX)
  target_link_options(everlearn_cuda PRIVATE -static-libstdc++)
endif()

# What only a GPU can show of the backend's inside (scripts/gpu-check.sh); where the backend must be built, so must this.
if(EVERLEARN_CUDA)
  add_executable(attention_mask_test native/test/cuda/mask/attention_mask_test.cc
    native/test/kernels/attention_reference.cc native/test/kernels/harness.cc native/test/kernels/tensor.cc
    $<TARGET_OBJECTS:everlearn_cuda_objects>)
  target_include_directories(attention_mask_test SYSTEM PRIVATE ${EVERLEARN_CUDA_HEADERS} ${CUDAToolkit_INCLUDE_DIRS})
  target_compile_options(attention_mask_test PRIVATE -Wall -Wextra)
  target_link_libraries(attention_mask_test PRIVATE CUDA::cudart_static ${CMAKE_DL_LIBS})
  target_link_options(attention_mask_test PRIVATE -Wl,--gc-sections)
  set_target_properties(attention_mask_test PROPERTIES LINKER_LANGUAGE CXX)
  if(EVERLEARN_STATIC_LIBSTDCXX)
    target_link_options(attention_mask_test PRIVATE -static-libstdc++)
  endif()
endif()
