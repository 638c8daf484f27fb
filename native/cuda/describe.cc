#include "describe.h"

#include <cuda_runtime_api.h>

#include <cstdio>

#include "gpu.h"
#include "libraries.h"
#include "missing_ops.h"

namespace everlearn::cuda {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      result += escape;
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + "\"";
}

std::string quoted_or_null(const std::string& text) { return text.empty() ? "null" : quoted(text); }

std::string version_text(int version) {
  return version ? std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10) : "";
}

std::string library_text(const char* name, const LibraryState& state, const std::string& version) {
  return "{\"name\":" + quoted(name) + ",\"version\":" + quoted_or_null(state.found ? version : "") +
         ",\"path\":" + quoted_or_null(state.found ? state.path : "") +
         ",\"problem\":" + quoted_or_null(state.problem) + "}";
}

std::string problem_text() {
  try {
    require_gpu(0);
    require_all_ops();
    return "null";
  } catch (const Error& error) {
    return "{\"code\":" + quoted(error.code()) + ",\"message\":" + quoted(error.what()) + "}";
  }
}

std::string devices_text() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return "[]";
  }
  std::string text = "[";
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp device{};
    if (cudaGetDeviceProperties(&device, index) != cudaSuccess) continue;
    text += std::string(text.size() > 1 ? "," : "") + "{\"index\":" + std::to_string(index) +
            ",\"name\":" + quoted(device.name) + ",\"capability\":\"" + std::to_string(device.major) + "." +
            std::to_string(device.minor) + "\",\"memoryBytes\":" + std::to_string(device.totalGlobalMem) +
            "}";
  }
  return text + "]";
}

}  // namespace

std::string description() {
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const Libraries& all = libraries();
  return "{\"runtime\":" + quoted(version_text(runtime)) +
         ",\"driver\":" + quoted_or_null(version_text(driver)) + ",\"problem\":" + problem_text() +
         ",\"devices\":" + devices_text() + ",\"libraries\":[" +
         library_text("cuBLASLt", all.cublaslt_state, all.cublaslt_version) + "," +
         library_text("cuDNN", all.cudnn_state, all.cudnn_version) + "," +
         library_text("NVRTC", all.nvrtc_state, all.nvrtc_version) + "," +
         library_text("NCCL", all.nccl_state, all.nccl_version) + "]}";
}

}  // namespace everlearn::cuda
