#include "library.h"

#include <dlfcn.h>
#include <glob.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

namespace everlearn::cuda {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(':', start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::vector<std::string> expand(const std::string& pattern) {
  glob_t matches{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), 0, nullptr, &matches) == 0)
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  globfree(&matches);
  return paths;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// The file that a loaded library came from, which the loader may have chosen.
std::string path_of(void* symbol, const std::string& asked) {
  Dl_info info{};
  return dladdr(symbol, &info) && info.dli_fname ? info.dli_fname : asked;
}

// Takes `file` when it loads and has every symbol; else says why not.
bool take(const std::string& file, const LibrarySpecification& specification, LibraryState* state,
          std::string* problem) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    *problem = dlerror();
    return false;
  }
  std::vector<void*> functions;
  std::string lacking;
  for (const LibrarySymbol& symbol : specification.symbols) {
    functions.push_back(dlsym(handle, symbol.name));
    if (!functions.back()) lacking += (lacking.empty() ? "" : ", ") + std::string(symbol.name);
  }
  if (!lacking.empty()) {
    *problem = file + " lacks " + lacking;
    dlclose(handle);
    return false;
  }
  for (size_t i = 0; i < functions.size(); ++i) *specification.symbols[i].function = functions[i];
  state->found = true;
  state->path = path_of(functions.front(), file);
  state->problem.clear();
  return true;
}

}  // namespace

std::vector<std::string> library_folders(const std::vector<const char*>& wheels) {
  std::vector<std::string> folders;
  std::set<std::string> seen;
  const auto add = [&](const std::string& folder) {
    if ((folder.empty() || exists(folder)) && seen.insert(folder).second) folders.push_back(folder);
  };
  const auto add_packages = [&](const std::string& pattern) {
    for (const std::string& packages : expand(pattern))
      for (const char* wheel : wheels) add(packages + "/nvidia/" + wheel + "/lib");
  };
  for (const std::string& folder : split(environment("EVERLEARN_CUDA_PATH"))) {
    add(folder);
    add(folder + "/lib");
    add(folder + "/lib64");
    add_packages(folder);
  }
  add("");
  for (const std::string& folder : {environment("CUDA_HOME"), std::string("/usr/local/cuda")}) {
    if (folder.empty()) continue;
    add(folder + "/lib64");
    add(folder + "/lib");
  }
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const std::string folder = environment(name); !folder.empty())
      add_packages(folder + "/lib/python3*/site-packages");
  for (const std::string& folder : split(environment("PATH")))
    if (exists(folder + "/python3"))
      for (const char* packages : {"site-packages", "dist-packages"})
        add_packages(folder + "/../lib/python3*/" + packages);
  if (const std::string home = environment("HOME"); !home.empty())
    add_packages(home + "/.local/lib/python3*/site-packages");
  return folders;
}

LibraryState open_library(const LibrarySpecification& specification) {
  LibraryState state;
  const auto refuse = [&](const std::string& problem) {
    state.problem += (state.problem.empty() ? "" : "; ") + problem;
  };
  for (const std::string& folder : library_folders(specification.wheels)) {
    for (const char* file : specification.files) {
      const std::string path = folder.empty() ? file : folder + "/" + file;
      if (!folder.empty() && !exists(path)) continue;
      std::string problem;
      if (take(path, specification, &state, &problem)) return state;
      // That the loader itself does not know a name is no news.
      if (!folder.empty() || problem.find("cannot open shared object file") == std::string::npos)
        refuse(problem);
    }
  }
  if (state.problem.empty())
    state.problem = std::string(specification.files.front()) +
                    " was not found: set EVERLEARN_CUDA_PATH to the folder it is in";
  return state;
}

}  // namespace everlearn::cuda
