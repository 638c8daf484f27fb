// How long each operation takes, while somebody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace everlearn {

// A device's own time. A mark is a moment of it: when everything launched before it is done.
struct DeviceClock {
  std::function<std::shared_ptr<void>()> mark;  // on the executor
  // Between two marks that have both passed; from any thread.
  std::function<double(const void* from, const void* to)> seconds;
};

// The clock of a device whose operations are done when they return.
DeviceClock process_clock();

struct OperationTime {
  uint64_t calls = 0;
  double seconds = 0;
};

// Filled on the executor; read, from any thread, once everything launched is done.
class Profile {
 public:
  explicit Profile(const DeviceClock& clock) : clock_(clock) {}

  // Runs `work`, which the operation `name`, a literal, consists of.
  template <class Work>
  void time(const char* name, const Work& work) {
    auto start = clock_.mark();
    work();
    spans_.push_back({name, std::move(start), clock_.mark()});
  }
  std::map<std::string, OperationTime> totals() const;

 private:
  struct Span {
    const char* name;
    std::shared_ptr<void> start, end;
  };

  const DeviceClock& clock_;
  std::vector<Span> spans_;
};

}  // namespace everlearn
