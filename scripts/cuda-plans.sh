#!/usr/bin/env bash
# Makes cuDNN's attention plans for GPUs that are only described, on a machine that needs to have none: a stub stands in
# for the driver. Prints a line for each plan that begins with ok or FAILED.
#   scripts/cuda-plans.sh [DEVICE_JSON_FILE...]    by default test/fixtures/gpus/*.json
# Wants cuDNN, NVRTC and cuBLASLt where the CUDA backend looks for them, or in .cache/cuda-wheels (cuda-headers.sh
# --download puts them there), and CUDA's own headers and static run time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=cmake-build-cuda-plans
toolkit=$(nvcc --dryrun -x cu -E /dev/null 2>&1 | sed -n 's|^#\$ TOP=\(.*\)|\1|p')
mkdir -p "$build"
scripts/cuda-headers.sh "$build/headers"
export EVERLEARN_CUDA_PATH=$PWD/.cache/cuda-wheels${EVERLEARN_CUDA_PATH:+:$EVERLEARN_CUDA_PATH}

# Every function that the driver's headers declare, and those cuDNN asks for by name besides, says that all is well.
stub_driver() {
  local cudnn names
  cudnn=$(for folder in ${EVERLEARN_CUDA_PATH//:/ }; do
    find -L "$folder" -name 'libcudnn_*.so.9' 2>/dev/null
  done)
  names=$({
    grep -ohE '\bCUDAAPI +cu[A-Z][A-Za-z0-9_]+' "$toolkit/include/cuda.h" | awk '{ print $2 }'
    grep -ohE '\bcu[A-Z][A-Za-z0-9]+_v[0-9]+(_ptsz|_ptds)?\b' "$toolkit"/include/cuda*.h
    # shellcheck disable=SC2086 # one argument for each file
    grep -ohaE '\bcu(Init|Ctx|Device|Func|Launch|Mem|Module|Library|Kernel|Stream|Event|Get|Driver|Tensor|Occupancy|Pointer|Green|Graph|Link)[A-Za-z0-9_]*\b' $cudnn
  } | sort -u | grep -vxE 'cu(Init|DriverGetVersion|DeviceGetCount|DeviceGetAttribute|GetProcAddress|GetProcAddress_v2|GetExportTable)')
  local handles='^cu(Module(Load|LoadData|LoadDataEx|LoadFatBinary|GetFunction)|Library(LoadData|GetKernel|GetModule)|KernelGetFunction|CtxGetCurrent|DevicePrimaryCtxRetain|CtxCreate(_v2)?|StreamCreate|EventCreate|LinkCreate(_v2)?)$'
  printf '#include <dlfcn.h>\nextern "C" {\n'
  grep -E "$handles" <<<"$names" | sed 's/.*/int &(void** handle, ...) { *handle = (void*)0x1000; return 0; }/'
  grep -vE "$handles" <<<"$names" | sed 's/.*/int &() { return 0; }/'
  cat <<'C'
int cuInit(unsigned) { return 0; }
int cuDriverGetVersion(int* version) { *version = 13000; return 0; }
int cuDeviceGetCount(int* count) { *count = 1; return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) { *value = attribute == 75 ? 9 : attribute == 16 ? 132 : 0; return 0; }
int cuGetExportTable() { return 500; }
int cuGetProcAddress(const char* name, void** function, int, unsigned long, ...) {
  static void* self = dlopen("libcuda.so.1", RTLD_NOW);
  *function = dlsym(self, name);
  return *function ? 0 : 500;
}
int cuGetProcAddress_v2(const char* name, void** function, int version, unsigned long flags, int* status) {
  const int result = cuGetProcAddress(name, function, version, flags);
  if (status) *status = result ? 1 : 0;
  return result;
}
}
C
}

compile() {
  c++ -std=c++20 -O1 -Wall -Wextra -isystem "$build/headers" -isystem "$toolkit/include" \
    native/test/cuda-plans/attention_plans_test.cc \
    native/cuda/{attention_graph,attention_plan,cudnn_descriptors,libraries,library,status}.cc \
    -o "$build/attention_plans_test" "$toolkit/lib64/libcudart_static.a" -ldl -lpthread -lrt
}

stub_driver >"$build/driver.cc"
c++ -w -shared -fPIC "$build/driver.cc" -ldl -Wl,-soname,libcuda.so.1 -o "$build/libcuda.so.1"
compile

(($#)) || set -- test/fixtures/gpus/*.json
status=0
for device; do
  name=$(basename "$device" .json)
  LD_LIBRARY_PATH=$PWD/$build "$build/attention_plans_test" "$name" "$device" || status=1
done
exit $status
