#include "gemm.h"

#include <utility>

#include "../error.h"

namespace everlearn::cpu {

namespace {

using Tag = dnnl::memory::format_tag;
using Desc = dnnl::memory::desc;

enum BForm { plain, transposed_plain, packed_form };

dnnl::memory::data_type type_of(DType dtype) {
  return dtype == DType::bfloat16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

constexpr size_t kMostPrimitives = 4096;  // shapes are few (extents are rounded); this only bounds odd uses

}  // namespace

Gemm::Gemm(const Context& context, const IsaLevel& level)
    : context_(context), level_(level), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

DType Gemm::arithmetic(DType dtype) const {
  return dtype == DType::bfloat16 && level_.isa == Isa::bf16 ? DType::bfloat16 : DType::float32;
}

const Gemm::Primitive& Gemm::primitive(const Key& key) {
  if (auto found = primitives_.find(key); found != primitives_.end()) return found->second;
  if (primitives_.size() >= kMostPrimitives) primitives_.clear();

  const auto type = type_of(static_cast<DType>(key.dtype));
  using Strides = dnnl::memory::dims;
  const Desc a({key.m, key.k}, type,
               key.a_transposed ? Strides{1, key.a_leading} : Strides{key.a_leading, 1});
  const Desc b({key.k, key.n}, type,
               key.b_form == packed_form        ? Tag::any
               : key.b_form == transposed_plain ? Tag::ba
                                                : Tag::ab);
  const Desc c({key.m, key.n}, type_of(static_cast<DType>(key.result)), Tag::ab);
  const Desc bias({1, key.n}, dnnl::memory::data_type::f32, Tag::ab);
  dnnl::primitive_attr attributes;
  if (key.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
#if DNNL_VERSION_MAJOR >= 3
  auto description = key.bias ? dnnl::matmul::primitive_desc(engine_, a, b, bias, c, attributes)
                              : dnnl::matmul::primitive_desc(engine_, a, b, c, attributes);
#else
  dnnl::matmul::primitive_desc description(
      key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c), attributes, engine_);
#endif
  Primitive made{description, dnnl::matmul(description)};
  return primitives_.emplace(key, std::move(made)).first->second;
}

void Gemm::execute(const Primitive& matmul, const void* a, const dnnl::memory& b, const float* bias,
                   void* c) {
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, dnnl::memory(matmul.description.src_desc(), engine_, const_cast<void*>(a))},
      {DNNL_ARG_WEIGHTS, b},
      {DNNL_ARG_DST, dnnl::memory(matmul.description.dst_desc(), engine_, c)}};
  if (bias)
    arguments.emplace(
        DNNL_ARG_BIAS,
        dnnl::memory({{1, matmul.description.dst_desc().dims()[1]}, dnnl::memory::data_type::f32, Tag::ab},
                     engine_, const_cast<float*>(bias)));
  matmul.primitive.execute(stream_, arguments);
  stream_.wait();
}

void Gemm::multiply(int64_t m, int64_t n, int64_t k, DType dtype, Matrix a, Matrix b, const float* bias,
                    void* c, DType result, bool accumulate) {
  if (level_.isa < Isa::v4)  // in float32 alone: see arithmetic()
    return helpers().multiply(
        context_, {m, n, k, static_cast<const float*>(a.data), static_cast<const float*>(b.data), bias,
                   static_cast<float*>(c), a.transposed, b.transposed, accumulate});
  const Key key{m,
                n,
                k,
                a.transposed ? m : k,
                static_cast<int>(dtype),
                static_cast<int>(result),
                a.transposed,
                b.transposed ? transposed_plain : plain,
                bias != nullptr,
                accumulate};
  const Primitive& matmul = primitive(key);
  execute(matmul, a.data, dnnl::memory(matmul.description.weights_desc(), engine_, const_cast<void*>(b.data)),
          bias, c);
}

void Gemm::multiply_weight(int64_t m, int64_t n, int64_t k, DType dtype, const void* a, const View& weight,
                           bool transposed, const float* bias, void* c, bool accumulate) {
  if (level_.isa < Isa::v4)
    return multiply(m, n, k, dtype, {a}, {weight.data, transposed}, bias, c, dtype, accumulate);
  const Primitive& matmul = primitive({m, n, k, k, static_cast<int>(dtype), static_cast<int>(dtype), 0,
                                       packed_form, bias != nullptr, accumulate});
  execute(matmul, a, packed(weight, transposed, dtype, matmul.description.weights_desc()), bias, c);
}

const dnnl::memory& Gemm::packed(const View& weight, bool transposed, DType dtype, const Desc& wanted) {
  auto& forms = packed_[weight.storage][weight.data];
  Packed* form = nullptr;
  for (Packed& candidate : forms)
    if (candidate.transposed == transposed && candidate.dtype == dtype && candidate.rows == weight.shape[0] &&
        candidate.columns == weight.shape[1] && candidate.memory.get_desc() == wanted)
      form = &candidate;
  if (!form)
    form = &forms.emplace_back(
        Packed{dnnl::memory(wanted, engine_), 0, dtype, transposed, weight.shape[0], weight.shape[1]});
  else if (form->version == weight.version)
    return form->memory;

  // The weight in float32 as [k, n].
  const int64_t rows = weight.shape[0], columns = weight.shape[1];
  const Desc source = transposed ? Desc({columns, rows}, dnnl::memory::data_type::f32, Tag::ba)
                                 : Desc({rows, columns}, dnnl::memory::data_type::f32, Tag::ab);
  dnnl::memory from(source, engine_, weight.data);
  dnnl::reorder(from, form->memory).execute(stream_, from, form->memory);
  stream_.wait();
  form->version = weight.version;
  return form->memory;
}

void Gemm::forget(uint64_t storage) { packed_.erase(storage); }

}  // namespace everlearn::cpu
