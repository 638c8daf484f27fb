#include "map_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "errors.h"

namespace everlearn::addon {

namespace {

class File {
 public:
  explicit File(const std::string& path)
      : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail("open");
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  size_t size() const {
    struct stat status;
    if (fstat(descriptor_, &status) != 0) fail("stat");
    if (!S_ISREG(status.st_mode))
      throw state_error("EINVAL", "cannot map " + path_ + ": it is not a regular file");
    return static_cast<size_t>(status.st_size);
  }
  void* map(size_t size) const {
    void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor_, 0);
    if (data == MAP_FAILED) fail("map");
    return data;
  }

 private:
  [[noreturn]] void fail(const char* action) const {
    const int number = errno;
    throw state_error(strerrorname_np(number),
                      std::string("cannot ") + action + " " + path_ + ": " + std::strerror(number));
  }
  std::string path_;
  int descriptor_;
};

}  // namespace

Napi::Value map_file(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&]() -> Napi::Value {
    if (!call[0].IsString()) throw argument_error("mapFile: wanted a path");
    const File file(call[0].As<Napi::String>().Utf8Value());
    const size_t size = file.size();
    if (size == 0) return Napi::ArrayBuffer::New(call.Env(), 0);
    return Napi::ArrayBuffer::New(call.Env(), file.map(size), size,
                                  [size](Napi::Env, void* mapped) { munmap(mapped, size); });
  });
}

}  // namespace everlearn::addon
