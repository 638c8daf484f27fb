// Ops recorded once, which run again as one command. What an op's struct holds is recorded, so that whatever
// differs between runs is the contents of tensors made before the recording. Tensors made while recording lie
// in memory that all graphs of a device share: after a run they hold nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "device.h"
#include "tensor.h"

namespace everlearn {

// A tensor of a recorded op.
struct GraphAccess {
  std::shared_ptr<Storage> storage;  // null: its memory is the graphs' own
  size_t place;                      // of its View, in bytes from the start of the op's struct
  bool written;
  bool edits;  // the op is none after which a backend's compute copies are right again
};

// Used on the thread that queues ops, as is its destructor.
class Graph {
 public:
  explicit Graph(std::shared_ptr<Device> device);
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  template <class Op>
  void add(const char* name, void (*entry)(const Context&, const Op&), const Op& op,
           std::vector<GraphAccess> accesses) {
    calls_->push_back([name, entry, op, first = accesses_.size(), places = places_of(accesses)](
                          Device& device, const std::vector<uint64_t>& versions) {
      Op now = op;
      for (size_t i = 0; i < places.size(); ++i)
        reinterpret_cast<View*>(reinterpret_cast<char*>(&now) + places[i])->version = versions[first + i];
      device.run(name, entry, now);
    });
    for (GraphAccess& access : accesses) accesses_.push_back({std::move(access), 0});
  }

  // Queues a run.
  void run();

 private:
  using Call = std::function<void(Device&, const std::vector<uint64_t>& versions)>;
  struct Kept {
    GraphAccess access;
    uint64_t edits;  // of the storage at the last run
  };

  static std::vector<size_t> places_of(const std::vector<GraphAccess>& accesses);

  std::shared_ptr<Device> device_;
  std::vector<Kept> accesses_;
  // The executor's: commands hold them.
  std::shared_ptr<std::vector<Call>> calls_ = std::make_shared<std::vector<Call>>();
  std::shared_ptr<void*> captured_ = std::make_shared<void*>(nullptr);  // of the backend
};

}  // namespace everlearn
