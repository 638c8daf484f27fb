#include "graph.h"

namespace everlearn {

Graph::Graph(std::shared_ptr<Device> device) : device_(std::move(device)) { device_->add_graph(); }

Graph::~Graph() { device_->drop_graph(std::move(captured_)); }

std::vector<size_t> Graph::places_of(const std::vector<GraphAccess>& accesses) {
  std::vector<size_t> places;
  for (const GraphAccess& access : accesses) places.push_back(access.place);
  return places;
}

void Graph::run() {
  device_->require_open();
  device_->require_no_recording("run");
  std::vector<uint64_t> versions;
  versions.reserve(accesses_.size());
  bool edited = false;
  for (Kept& kept : accesses_) {
    Storage* storage = kept.access.storage.get();
    if (!storage) {
      versions.push_back(0);
      continue;
    }
    if (kept.access.written) {
      ++storage->version;
      storage->edits += kept.access.edits;
    } else if (storage->has_compute_copies && kept.edits != storage->edits) {
      edited = true;
    }
    kept.edits = storage->edits;
    versions.push_back(storage->version);
  }
  device_->stream().enqueue(
      [&device = *device_, calls = calls_, captured = captured_, edited, versions = std::move(versions)] {
        device.replay(captured.get(), edited, [&] {
          for (const Call& call : *calls) call(device, versions);
        });
      });
}

}  // namespace everlearn
