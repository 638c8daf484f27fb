// Copies of float32 parameters in a half precision, which products read. One of each parameter is made when a
// product wants it and the storage was written since; of an arena, once it is trained, AdamW writes one copy
// of the whole in the pass in which it writes the values.
#pragma once

#include <map>
#include <utility>

#include "context.h"

namespace everlearn::cuda {

class ComputeCopies {
 public:
  explicit ComputeCopies(State& state) : state_(state) {}
  ComputeCopies(const ComputeCopies&) = delete;
  ComputeCopies& operator=(const ComputeCopies&) = delete;
  ~ComputeCopies();

  // The values of a parameter in `dtype`; itself when that is what it is.
  View of(const Context& context, const View& parameter, DType dtype);
  // Where the op that writes an arena, or a part of one, is to write all its values besides; the view's
  // version is that of the write. Nothing where no product has wanted any of them in a half precision.
  View of_arena(const View& arena);
  // Drops the copies of what lies in a storage.
  void forget(uint64_t storage);

 private:
  struct Copied {
    View source;  // float32; data is null where there is no copy
    void* data = nullptr;
    uint64_t version = UINT64_MAX;  // of the source when it was copied
  };
  struct Copies {
    Copied arena;
    std::map<const void*, Copied> parts;  // by place; those that the arena's copy does not hold
  };

  void allocate(Copied& copied, const View& source, DType dtype);
  void release(Copies& copies);

  State& state_;
  std::map<std::pair<uint64_t, DType>, Copies> copies_;  // by storage and type
};

}  // namespace everlearn::cuda
