#include "check_indices.h"

#include <limits>
#include <string>

#include "../error.h"

namespace everlearn::cpu {

namespace {

const BackendTable* kernels = nullptr;

void within(const char* op, const char* field, const View& index, int64_t least, int64_t limit) {
  if (!index) return;
  const auto* values = static_cast<const int32_t*>(index.data);
  for (int64_t i = 0; i < index.shape[0]; ++i)
    if (values[i] < least || values[i] >= limit)
      throw Error(ErrorKind::range, "INDEX",
                  std::string(op) + ": " + field + "[" + std::to_string(i) + "] is " +
                      std::to_string(values[i]) + ", wanted " + (least == 0 ? "0 or more and " : "") +
                      "below " + std::to_string(limit));
}

constexpr int64_t kAnyNegative = std::numeric_limits<int32_t>::min();

template <class Op>
void check_embedding(const char* op, const Op& a) {
  within(op, "ids", a.ids, kAnyNegative, a.word.shape[0]);
  within(op, "positions", a.positions, 0, a.position.shape[0]);
  if (a.segment) within(op, "segments", a.segments, 0, a.segment.shape[0]);
  if (a.task) within(op, "tasks", a.tasks, 0, a.task.shape[0]);
}

void check_offsets(const char* op, const View& view, int64_t tokens) {
  const auto* offsets = static_cast<const int32_t*>(view.data);
  int64_t previous = 0;
  for (int64_t i = 0; i < view.shape[0]; previous = offsets[i++])
    if (offsets[i] < previous || offsets[i] > tokens)
      throw Error(ErrorKind::range, "INDEX",
                  std::string(op) + ": offsets[" + std::to_string(i) + "] is " + std::to_string(offsets[i]) +
                      ", wanted at least " + std::to_string(previous) + " and at most " +
                      std::to_string(tokens));
}

}  // namespace

void check_indices_in(BackendTable& table, const BackendTable& unchecked) {
  kernels = &unchecked;
  table.gatherRows = [](const Context& c, const GatherRows& a) {
    within("gatherRows", "index", a.index, kAnyNegative, a.x.shape[0]);
    kernels->gatherRows(c, a);
  };
  table.scatterRows = [](const Context& c, const ScatterRows& a) {
    within("scatterRows", "index", a.index, kAnyNegative, a.y.shape[0]);
    kernels->scatterRows(c, a);
  };
  table.embedding = [](const Context& c, const Embedding& a) {
    check_embedding("embedding", a);
    kernels->embedding(c, a);
  };
  table.embeddingBackward = [](const Context& c, const EmbeddingBackward& a) {
    check_embedding("embeddingBackward", a);
    kernels->embeddingBackward(c, a);
  };
  table.attention = [](const Context& c, const Attention& a) {
    check_offsets("attention", a.offsets, a.y.shape[0]);
    kernels->attention(c, a);
  };
  table.attentionBackward = [](const Context& c, const AttentionBackward& a) {
    check_offsets("attentionBackward", a.offsets, a.y.shape[0]);
    kernels->attentionBackward(c, a);
  };
  table.lstm = [](const Context& c, const Lstm& a) {
    check_offsets("lstm", a.offsets, a.y.shape[0]);
    kernels->lstm(c, a);
  };
  table.lstmBackward = [](const Context& c, const LstmBackward& a) {
    check_offsets("lstmBackward", a.offsets, a.y.shape[0]);
    kernels->lstmBackward(c, a);
  };
  table.softmaxCrossEntropy = [](const Context& c, const SoftmaxCrossEntropy& a) {
    within("softmaxCrossEntropy", "labels", a.labels, kAnyNegative, a.classes);
    kernels->softmaxCrossEntropy(c, a);
  };
}

}  // namespace everlearn::cpu
