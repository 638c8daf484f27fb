#include "plan_store.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace everlearn::cuda {

namespace fs = std::filesystem;

std::string plan_folder() {
  const auto from = [](const char* name, const char* below) -> std::string {
    const char* value = std::getenv(name);
    return value && *value ? std::string(value) + below : std::string();
  };
  for (const auto& folder : {from("EVERLEARN_CACHE", "/cudnn"), from("XDG_CACHE_HOME", "/everlearn/cudnn"),
                             from("HOME", "/.cache/everlearn/cudnn")})
    if (!folder.empty()) return folder;
  return {};
}

std::optional<std::string> stored_plan(const std::string& name) {
  const std::string folder = plan_folder();
  std::ifstream file(folder + "/" + name + ".json", std::ios::binary);
  if (folder.empty() || !file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void store_plan(const std::string& name, const std::string& text) {
  const std::string folder = plan_folder();
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string aside = folder + "/" + name + "." + std::to_string(getpid());
  {
    std::ofstream file(aside, std::ios::binary);
    file << text;
    if (!file.flush()) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(aside, folder + "/" + name + ".json", error);
  if (error) fs::remove(aside, error);
}

void drop_plan(const std::string& name) {
  std::error_code error;
  fs::remove(plan_folder() + "/" + name + ".json", error);
}

}  // namespace everlearn::cuda
