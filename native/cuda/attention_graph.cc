#include "attention_graph.h"

#include <utility>

namespace everlearn::cuda {

namespace {

using Descriptor = cudnnBackendDescriptor_t;
using Sizes = std::vector<int64_t>;
using Id = AttentionTensor;

Sizes transposed(Sizes sizes) {
  std::swap(sizes[2], sizes[3]);
  return sizes;
}

class Builder {
 public:
  Builder(CudnnDescriptors& descriptors, const AttentionShape& shape)
      : made_(descriptors),
        shape_(shape),
        dtype_(shape.dtype == DType::float16 ? CUDNN_DATA_HALF : CUDNN_DATA_BFLOAT16) {
    const int64_t h = shape.heads, s = shape.longest, d = shape.head_size, e = h * d;
    rows_ = {shape.sequences, h, s, d};
    qkv_strides_ = {s * 3 * e, d, 3 * e, 1};
    y_strides_ = {s * e, d, e, 1};
    row_ = {shape.sequences, h, s, 1};
    row_strides_ = {h * s, 1, h, 1};
    square_ = {shape.sequences, h, s, s};
    square_strides_ = {h * s * s, s * s, s, 1};
    const Sizes offsets = {shape.sequences + 1, 1, 1, 1}, lengths = {shape.sequences, 1, 1, 1};
    qkv_offsets_ = given(Id::qkv_offsets, CUDNN_DATA_INT64, offsets, ones_);
    y_offsets_ = given(Id::y_offsets, CUDNN_DATA_INT64, offsets, ones_);
    stats_offsets_ = given(Id::stats_offsets, CUDNN_DATA_INT64, offsets, ones_);
    lengths_q_ = given(Id::lengths_q, CUDNN_DATA_INT32, lengths, ones_);
    lengths_k_ = given(Id::lengths_k, CUDNN_DATA_INT32, lengths, ones_);
    scale_ = scalar(Id::scale);
    minus_infinity_ = scalar(Id::minus_infinity);
    if (!dropout()) return;
    seed_ = given(Id::seed, CUDNN_DATA_INT64, ones_, ones_);
    offset_ = given(Id::offset, CUDNN_DATA_INT64, ones_, ones_);
    keep_scale_ = scalar(Id::keep_scale);
  }

  void forward() {
    const Descriptor q = given(Id::q, dtype_, rows_, qkv_strides_, qkv_offsets_);
    const Descriptor k = given(Id::k, dtype_, transposed(rows_), transposed(qkv_strides_), qkv_offsets_);
    const Descriptor v = given(Id::v, dtype_, rows_, qkv_strides_, qkv_offsets_);
    const Descriptor y = given(Id::y, dtype_, rows_, y_strides_, y_offsets_);
    const Descriptor stats = given(Id::stats, CUDNN_DATA_FLOAT, row_, row_strides_, stats_offsets_);
    const Descriptor scores = masked_scores(q, k);
    Descriptor p = square(dropout() ? CUDNN_DATA_FLOAT : dtype_);
    softmax(scores, p, stats);
    if (dropout()) {
      const Descriptor kept = multiply(p, mask());
      p = square(dtype_);
      pointwise(CUDNN_POINTWISE_MUL, CUDNN_DATA_FLOAT, kept, keep_scale_, nullptr, p);
    }
    matmul(p, v, y, lengths_q_, nullptr, lengths_k_);
  }

  void backward() {
    const Descriptor q = given(Id::q, dtype_, rows_, qkv_strides_, qkv_offsets_);
    const Descriptor k = given(Id::k, dtype_, transposed(rows_), transposed(qkv_strides_), qkv_offsets_);
    const Descriptor v = given(Id::v, dtype_, transposed(rows_), transposed(qkv_strides_), qkv_offsets_);
    const Descriptor y = given(Id::y, dtype_, rows_, y_strides_, y_offsets_);
    const Descriptor dy = given(Id::dy, dtype_, rows_, y_strides_, y_offsets_);
    const Descriptor stats = given(Id::stats, CUDNN_DATA_FLOAT, row_, row_strides_, stats_offsets_);
    const Descriptor dq = given(Id::dq, dtype_, rows_, qkv_strides_, qkv_offsets_);
    const Descriptor dk = given(Id::dk, dtype_, rows_, qkv_strides_, qkv_offsets_);
    const Descriptor dv = given(Id::dv, dtype_, rows_, qkv_strides_, qkv_offsets_);

    const Descriptor kept = dropout() ? mask() : nullptr;
    const Descriptor sums = row_sums(dy, y);
    const Descriptor scores = masked_scores(q, k);
    const Descriptor shifted = square(CUDNN_DATA_FLOAT), p = square(CUDNN_DATA_FLOAT);
    pointwise(CUDNN_POINTWISE_SUB, CUDNN_DATA_FLOAT, scores, stats, nullptr, shifted);
    pointwise(CUDNN_POINTWISE_EXP, CUDNN_DATA_FLOAT, shifted, nullptr, nullptr, p);
    const Descriptor dropped = dropout() ? multiply(multiply(p, kept), keep_scale_) : p;
    matmul(transpose(dropped), dy, dv, lengths_k_, nullptr, lengths_q_);

    Descriptor dp = square(CUDNN_DATA_FLOAT);
    matmul(dy, v, dp, lengths_q_, lengths_k_, nullptr);
    if (dropout()) dp = multiply(dp, kept);
    const Descriptor centred = square(CUDNN_DATA_FLOAT);
    pointwise(CUDNN_POINTWISE_SUB, CUDNN_DATA_FLOAT, dp, sums, nullptr, centred);
    Descriptor ds = multiply(centred, p);
    if (dropout()) ds = multiply(ds, keep_scale_);
    ds = multiply(ds, scale_);
    matmul(transpose(ds), q, dk, lengths_k_, nullptr, lengths_q_);

    const Descriptor keys = tensor(next_virtual_++, dtype_, rows_, qkv_strides_, true, false, qkv_offsets_);
    reshape(k, keys);
    if (shape_.deterministic) {
      matmul(ds, keys, dq, lengths_q_, nullptr, lengths_k_);
    } else {
      const Descriptor dq_sums = given(Id::dq_sums, CUDNN_DATA_FLOAT, rows_, y_strides_, y_offsets_);
      matmul(ds, keys, dq_sums, lengths_q_, nullptr, lengths_k_);
      pointwise(CUDNN_POINTWISE_IDENTITY, CUDNN_DATA_FLOAT, dq_sums, nullptr, nullptr, dq);
    }
  }

  std::vector<Descriptor> operations() const { return operations_; }

 private:
  bool dropout() const { return shape_.probability > 0; }

  Descriptor tensor(int64_t id, cudnnDataType_t type, const Sizes& sizes, const Sizes& strides,
                    bool is_virtual, bool by_value, Descriptor offsets) {
    const Descriptor made = made_.make(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    const int64_t alignment = 16;
    const bool yes = true;
    made_.set(made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    made_.set(made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, sizes.data());
    made_.set(made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides.data());
    made_.set(made, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
    made_.set(made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    if (is_virtual) made_.set(made, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &yes);
    if (by_value) made_.set(made, CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, 1, &yes);
    if (offsets) made_.set(made, CUDNN_ATTR_TENSOR_RAGGED_OFFSET_DESC, offsets);
    made_.finalize(made, "describing a tensor to cuDNN");
    return made;
  }
  Descriptor given(Id id, cudnnDataType_t type, const Sizes& sizes, const Sizes& strides,
                   Descriptor offsets = nullptr) {
    return tensor(static_cast<int64_t>(id), type, sizes, strides, false, false, offsets);
  }
  Descriptor scalar(Id id) {
    return tensor(static_cast<int64_t>(id), CUDNN_DATA_FLOAT, ones_, ones_, false, true, nullptr);
  }
  // A value for each query and key, which no memory ever holds.
  Descriptor square(cudnnDataType_t type) {
    return tensor(next_virtual_++, type, square_, square_strides_, true, false, nullptr);
  }

  void add(Descriptor operation) {
    made_.finalize(operation, "describing an operation of attention to cuDNN");
    operations_.push_back(operation);
  }

  void matmul(Descriptor a, Descriptor b, Descriptor c, Descriptor m, Descriptor n, Descriptor k) {
    const Descriptor description = made_.make(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    made_.set(description, CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    made_.finalize(description, "describing a product to cuDNN");
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
    made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_ADESC, a);
    made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_BDESC, b);
    made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_CDESC, c);
    made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_DESC, description);
    if (m) made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_GEMM_M_OVERRIDE_DESC, m);
    if (n) made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC, n);
    if (k) made_.set(operation, CUDNN_ATTR_OPERATION_MATMUL_GEMM_K_OVERRIDE_DESC, k);
    add(operation);
  }

  void pointwise(cudnnPointwiseMode_t mode, cudnnDataType_t precision, Descriptor x, Descriptor b,
                 Descriptor t, Descriptor y, int64_t axis = -1) {
    const Descriptor description = made_.make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    made_.set(description, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    made_.set(description, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &precision);
    if (axis >= 0) made_.set(description, CUDNN_ATTR_POINTWISE_AXIS, CUDNN_TYPE_INT64, 1, &axis);
    made_.finalize(description, "describing an element-wise operation to cuDNN");
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    const float one = 1;
    made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, description);
    made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    if (b) made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
    if (t) made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_TDESC, t);
    made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, CUDNN_TYPE_FLOAT, 1, &one);
    made_.set(operation, CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, CUDNN_TYPE_FLOAT, 1, &one);
    add(operation);
  }

  Descriptor multiply(Descriptor x, Descriptor by) {
    const Descriptor y = square(CUDNN_DATA_FLOAT);
    pointwise(CUDNN_POINTWISE_MUL, CUDNN_DATA_FLOAT, x, by, nullptr, y);
    return y;
  }

  void reshape(Descriptor x, Descriptor y) {
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_RESHAPE_DESCRIPTOR);
    const cudnnBackendReshapeMode_t mode = CUDNN_RESHAPE_VIEW_ONLY;
    made_.set(operation, CUDNN_ATTR_OPERATION_RESHAPE_XDESC, x);
    made_.set(operation, CUDNN_ATTR_OPERATION_RESHAPE_MODE, CUDNN_TYPE_RESHAPE_MODE, 1, &mode);
    made_.set(operation, CUDNN_ATTR_OPERATION_RESHAPE_YDESC, y);
    add(operation);
  }

  Descriptor transpose(Descriptor x) {
    const Descriptor y =
        tensor(next_virtual_++, dtype_, square_, transposed(square_strides_), true, false, nullptr);
    reshape(x, y);
    return y;
  }

  void softmax(Descriptor x, Descriptor y, Descriptor stats) {
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_SOFTMAX_DESCRIPTOR);
    made_.set(operation, CUDNN_ATTR_OPERATION_SOFTMAX_XDESC, x);
    made_.set(operation, CUDNN_ATTR_OPERATION_SOFTMAX_YDESC, y);
    made_.set(operation, CUDNN_ATTR_OPERATION_SOFTMAX_STATS_DESC, stats);
    add(operation);
  }

  // 1 for what is kept, 0 for what is dropped: the same draws in forward and backward.
  Descriptor mask() {
    const Descriptor description = made_.make(CUDNN_BACKEND_RNG_DESCRIPTOR);
    const cudnnRngDistribution_t distribution = CUDNN_RNG_DISTRIBUTION_BERNOULLI;
    const double keep = 1.0 - static_cast<double>(shape_.probability);
    made_.set(description, CUDNN_ATTR_RNG_DISTRIBUTION, CUDNN_TYPE_RNG_DISTRIBUTION, 1, &distribution);
    made_.set(description, CUDNN_ATTR_RNG_BERNOULLI_DIST_PROBABILITY, CUDNN_TYPE_DOUBLE, 1, &keep);
    made_.finalize(description, "describing dropout to cuDNN");
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_RNG_DESCRIPTOR);
    const Descriptor y = shape_.keeps_mask ? given(Id::mask, CUDNN_DATA_FLOAT, square_, square_strides_)
                                           : square(CUDNN_DATA_FLOAT);
    made_.set(operation, CUDNN_ATTR_OPERATION_RNG_YDESC, y);
    made_.set(operation, CUDNN_ATTR_OPERATION_RNG_DESC, description);
    made_.set(operation, CUDNN_ATTR_OPERATION_RNG_SEED, seed_);
    made_.set(operation, CUDNN_ATTR_OPERATION_RNG_OFFSET_DESC, offset_);
    add(operation);
    return y;
  }

  // scale q k^T, -inf beyond a sequence's end.
  Descriptor masked_scores(Descriptor q, Descriptor k) {
    const Descriptor products = square(CUDNN_DATA_FLOAT);
    matmul(q, k, products, lengths_q_, lengths_k_, nullptr);
    const Descriptor scores = multiply(products, scale_);
    const Descriptor row = square(CUDNN_DATA_INT32), column = square(CUDNN_DATA_INT32);
    const Descriptor row_in = square(CUDNN_DATA_BOOLEAN), column_in = square(CUDNN_DATA_BOOLEAN);
    const Descriptor in = square(CUDNN_DATA_BOOLEAN), masked = square(CUDNN_DATA_FLOAT);
    pointwise(CUDNN_POINTWISE_GEN_INDEX, CUDNN_DATA_INT32, scores, nullptr, nullptr, row, 2);
    pointwise(CUDNN_POINTWISE_GEN_INDEX, CUDNN_DATA_INT32, scores, nullptr, nullptr, column, 3);
    pointwise(CUDNN_POINTWISE_CMP_LT, CUDNN_DATA_BOOLEAN, row, lengths_q_, nullptr, row_in);
    pointwise(CUDNN_POINTWISE_CMP_LT, CUDNN_DATA_BOOLEAN, column, lengths_k_, nullptr, column_in);
    pointwise(CUDNN_POINTWISE_LOGICAL_AND, CUDNN_DATA_BOOLEAN, row_in, column_in, nullptr, in);
    pointwise(CUDNN_POINTWISE_BINARY_SELECT, CUDNN_DATA_FLOAT, scores, minus_infinity_, in, masked);
    return masked;
  }

  // (1 - p) sum over the head of dy y, kept in memory between the engine's kernels.
  Descriptor row_sums(Descriptor dy, Descriptor y) {
    const int64_t h = shape_.heads, s = shape_.longest, d = shape_.head_size;
    const Descriptor products =
        tensor(next_virtual_++, CUDNN_DATA_FLOAT, rows_, {h * s * d, s * d, h * d, 1}, true, false, nullptr);
    pointwise(CUDNN_POINTWISE_MUL, CUDNN_DATA_FLOAT, dy, y, nullptr, products);
    const Descriptor totals =
        tensor(next_virtual_++, CUDNN_DATA_FLOAT, row_, {h * s, s, 1, 1}, true, false, nullptr);
    const Descriptor description = made_.make(CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    const cudnnReduceTensorOp_t sum = CUDNN_REDUCE_TENSOR_ADD;
    const bool deterministic = false;
    made_.set(description, CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
    made_.set(description, CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, 1, &sum);
    made_.set(description, CUDNN_ATTR_REDUCTION_IS_DETERMINISTIC, CUDNN_TYPE_BOOLEAN, 1, &deterministic);
    made_.finalize(description, "describing a sum to cuDNN");
    const Descriptor operation = made_.make(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
    made_.set(operation, CUDNN_ATTR_OPERATION_REDUCTION_DESC, description);
    made_.set(operation, CUDNN_ATTR_OPERATION_REDUCTION_XDESC, products);
    made_.set(operation, CUDNN_ATTR_OPERATION_REDUCTION_YDESC, totals);
    add(operation);
    const Descriptor sums = given(Id::row_sums, CUDNN_DATA_FLOAT, row_, row_strides_, stats_offsets_);
    pointwise(CUDNN_POINTWISE_MUL, CUDNN_DATA_FLOAT, totals, scalar(Id::keep), nullptr, sums);
    return sums;
  }

  CudnnDescriptors& made_;
  const AttentionShape& shape_;
  const cudnnDataType_t dtype_;
  const Sizes ones_ = {1, 1, 1, 1};
  Sizes rows_, qkv_strides_, y_strides_, row_, row_strides_, square_, square_strides_;
  Descriptor qkv_offsets_, y_offsets_, stats_offsets_, lengths_q_, lengths_k_, scale_, minus_infinity_;
  Descriptor seed_ = nullptr, offset_ = nullptr, keep_scale_ = nullptr;
  int64_t next_virtual_ = static_cast<int64_t>(Id::first_virtual);
  std::vector<Descriptor> operations_;
};

}  // namespace

std::vector<cudnnBackendDescriptor_t> attention_operations(CudnnDescriptors& descriptors,
                                                           const AttentionShape& shape) {
  Builder builder(descriptors, shape);
  if (shape.backward)
    builder.backward();
  else
    builder.forward();
  return builder.operations();
}

}  // namespace everlearn::cuda
