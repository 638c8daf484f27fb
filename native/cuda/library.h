// A library that is opened at run time: where it is looked for, and what is said when it is not usable.
#pragma once

#include <string>
#include <vector>

namespace everlearn::cuda {

struct LibrarySymbol {
  const char* name;
  void** function;  // set when all of the library's symbols were found
};

struct LibrarySpecification {
  const char* name;                 // as its maker calls it
  std::vector<const char*> files;   // newest first
  std::vector<const char*> wheels;  // folders of NVIDIA's Python packages, below site-packages/nvidia
  std::vector<LibrarySymbol> symbols;
};

struct LibraryState {
  bool found = false;
  std::string path;     // of the file taken
  std::string problem;  // why none was taken
};

// Folders in which libraries are looked for, in this order: those of EVERLEARN_CUDA_PATH (":" between them;
// each itself, its lib, lib64 and nvidia/PACKAGE/lib), the loader's own (""), CUDA_HOME and /usr/local/cuda,
// the Python environment that is active (VIRTUAL_ENV, CONDA_PREFIX), those of the python3 on PATH, and the
// user's.
std::vector<std::string> library_folders(const std::vector<const char*>& wheels);

// Opens the first file that loads and has all symbols. It stays open.
LibraryState open_library(const LibrarySpecification& specification);

}  // namespace everlearn::cuda
