// Compute copies of parameters: whose, of which values, and that AdamW writes those of an arena.
#include "../../../cuda/compute_copies.h"
#include "../../kernels/harness.h"
#include "cuda_tests.h"

namespace test {

namespace {

using cuda::ComputeCopies;

constexpr int64_t kSize = 64 * 33;

// An arena `offset` values into its storage, with all that AdamW takes.
struct Arena {
  Arena(int64_t offset, uint64_t storage)
      : offset(offset),
        storage(storage),
        parameters(normal(random, {kSize + offset}, DType::float32)),
        gradients(normal(random, {kSize}, DType::float32)) {}

  View all() const { return part(0, {kSize}); }
  View part(int64_t start, const std::vector<int64_t>& shape) const {
    View view = parameters.view();
    view.data = static_cast<float*>(view.data) + offset + start;
    view.rank = (int32_t)shape.size();
    for (size_t i = 0; i < shape.size(); ++i) view.shape[i] = shape[i];
    view.storage = storage, view.version = version;
    return view;
  }
  // A step over the blocks of 64 values from `first`, as it is queued: the storage's version is raised.
  void step(const Context& context, bool skipped, int64_t first = 0) {
    ++version;
    const int64_t n = kSize - 64 * first;
    skip.set(0, skipped);
    AdamW op;
    op.parameters = part(64 * first, {n});
    const auto flat = [n](const Tensor& tensor) {
      View view = tensor.view();
      view.shape[0] = n;
      return view;
    };
    op.gradients = flat(gradients), op.first_moments = flat(first_moments);
    op.second_moments = flat(second_moments), op.decay = decay.view(), op.learning_rate = rate.view();
    op.coefficient = one.view(), op.skip = skip.view(), op.steps = steps.view();
    levels()[0].table->adamw(context, op);
  }

  Random random{21};
  int64_t offset;
  uint64_t storage, version = 7;
  Tensor parameters, gradients, first_moments = make({kSize}, DType::float32),
                                second_moments = make({kSize}, DType::float32);
  Tensor decay = make({kSize / 64}, DType::uint8, 1), rate = make({1}, DType::float32, 0.1),
         one = make({1}, DType::float32, 1), skip = make({1}, DType::int32), steps = make({1}, DType::int32);
};

// Whether `copy` holds values from `start` on of an arena as it is now, rounded.
bool holds(const View& copy, const Arena& arena, int64_t start, int64_t n) {
  const auto* bits = static_cast<const uint16_t*>(copy.data);
  for (int64_t i = 0; i < n; ++i)
    if (bits[i] != to_half_bits(arena.parameters.get(arena.offset + start + i), copy.dtype)) return false;
  return true;
}

void test_copies(DType dtype, int64_t offset) {
  begin("compute copies " + std::string(name_of(dtype)) + ", arena at " + std::to_string(offset));
  const Context context = context_of(1);
  ComputeCopies& copies = *cuda::state_of(context).copies;
  Arena arena(offset, 100 + (uint64_t)offset);
  const auto weight = [&] { return copies.of(context, arena.part(192, {6, 50}), dtype); };
  const auto bias = [&] { return copies.of(context, arena.part(kSize - 64, {50}), dtype); };
  const auto current = [&] {
    return holds(weight(), arena, 192, 300) && holds(bias(), arena, kSize - 64, 50);
  };
  const auto change = [&](int64_t at) {
    arena.parameters.set(offset + at, arena.parameters.get(offset + at) + 1);
  };

  check(copies.of(context, arena.part(192, {6, 50}), DType::float32).data == arena.part(192, {1}).data,
        "float32 is not copied");
  check(!copies.of(context, View{}, dtype), "nothing has no copy");
  check(!copies.of_arena(arena.all()), "an arena that no product has read has none");
  check(current(), "copied when first wanted");
  change(200);
  check(!holds(weight(), arena, 192, 300), "kept while the version is the same");
  ++arena.version;
  check(current(), "copied again after a write");

  for (const bool skipped : {true, false}) {  // the first one makes the arena's copy
    arena.step(context, skipped);
    check(current(), skipped ? "the first step, skipped" : "a step");
    const View written = weight();
    change(200);
    check(weight().data == written.data && !holds(weight(), arena, 192, 300), "the optimiser wrote it");
    ++arena.version;
    check(current() && weight().data == written.data, "a write between steps is copied in place");
  }
  arena.step(context, false, 2);
  check(current(), "a step over a part of the arena");
  change(200);
  arena.step(context, false, 8);
  check(!holds(weight(), arena, 192, 300) && holds(bias(), arena, kSize - 64, 50),
        "a part is written, the rest left");
  ++arena.version;
  arena.step(context, false, 8);
  check(current(), "after another write all is copied");
  arena.step(context, false);
  check(current(), "a step over all of it again");
  copies.forget(arena.storage);
  check(current(), "made anew when forgotten");
  copies.forget(arena.storage);
}

}  // namespace

void test_compute_copies() {
  for (const DType dtype : {DType::bfloat16, DType::float16})
    for (const int64_t offset : {0, 1}) test_copies(dtype, offset);
}

}  // namespace test
