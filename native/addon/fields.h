// What is derived from an op's list of fields: reading its JavaScript arguments with all checks, and its
// description.
#pragma once

#include <napi.h>

#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../device.h"
#include "../dtype.h"
#include "../error.h"
#include "../graph.h"
#include "../ops.h"
#include "dimensions.h"
#include "tensor_object.h"

namespace everlearn::addon {

constexpr const char* types_text(Types types) {
  constexpr const char* kTexts[] = {"T", "float32", "int32", "uint8", "floating", "any"};
  return kTexts[static_cast<size_t>(types)];
}

constexpr bool is_floating(DType dtype) { return dtype <= DType::float16; }

// Fills an op's struct from the arguments of a call, in the order of its fields.
template <class Op>
class ArgumentReader {
 public:
  ArgumentReader(const char* op_name, const Napi::CallbackInfo& call, Device& device, Op& op)
      : op_name_(op_name), call_(call), device_(device), op_(op), dimensions_(op_name) {}

  template <class Base>
  void in(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, false, false);
  }
  template <class Base>
  void out(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, true, false);
  }
  template <class Base>
  void inout(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, true, false);
  }
  template <class Base>
  void optional(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, false, true);
  }
  template <class Base>
  void optional_out(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, true, true);
  }
  template <class Base>
  void optional_inout(const char* name, View Base::*field, const char* shape, Types types) {
    tensor(name, field, shape, types, true, true);
  }

  template <class Base, class Number>
  void scalar(const char* name, Number Base::*field) {
    const Napi::Value value = next();
    if constexpr (std::is_same_v<Number, bool>) {
      if (!value.IsBoolean()) throw argument_error(place(name) + "wanted true or false");
      op_.*field = value.As<Napi::Boolean>().Value();
    } else {
      const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
      if (std::isnan(number)) throw argument_error(place(name) + "wanted a number");
      if constexpr (std::is_integral_v<Number>) {
        op_.*field = static_cast<Number>(number);
        if (static_cast<double>(op_.*field) != number)
          throw Error(ErrorKind::range, "ARGUMENT",
                      place(name) + std::to_string(number) + " is not a whole number in range");
        dimensions_.scalar(name, static_cast<int64_t>(number));
      } else {
        op_.*field = static_cast<Number>(number);
      }
    }
  }

  template <class Base, class Enum>
  void choice(const char* name, Enum Base::*field, const char* choices) {
    const Napi::Value value = next();
    const std::string wanted = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
    int32_t index = 0;
    for (std::string_view rest = choices; !rest.empty(); ++index) {
      const auto end = rest.find('|');
      if (rest.substr(0, end) == wanted) {
        op_.*field = static_cast<Enum>(index);
        return;
      }
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    throw argument_error(place(name) + "'" + wanted + "' is not one of " + choices);
  }

  void finish() const {
    if (call_.Length() != position_)
      throw argument_error(std::string(op_name_) + ": wanted " + std::to_string(position_) +
                           " arguments, got " + std::to_string(call_.Length()));
  }

  // The tensors, in order, while a graph is recorded.
  std::vector<GraphAccess>& accesses() { return accesses_; }

 private:
  template <class Base>
  void tensor(const char* name, View Base::*field, const char* shape, Types types, bool written,
              bool optional) {
    const Napi::Value value = next();
    if (optional && (value.IsNull() || value.IsUndefined())) return;
    const Tensor& tensor = TensorObject::unwrap(value, place_text(name));
    if (&tensor.device() != &device_) throw argument_error(place(name) + "this tensor is another device's");
    check_type(name, tensor.view().dtype, types);
    dimensions_.check(name, tensor.view(), shape);
    constexpr bool kEdits = !std::is_same_v<Op, AdamW>;
    if (written && !device_.recording) {
      ++tensor.storage().version;
      tensor.storage().edits += kEdits;
    }
    if (std::strcmp(name, "weight") == 0 || std::strcmp(name, "bias") == 0)
      tensor.storage().has_compute_copies = true;
    View& view = op_.*field;
    view = tensor.view();
    view.version = tensor.storage().version;
    if (device_.recording)
      accesses_.push_back(
          {tensor.storage().of_graphs() ? nullptr : tensor.shared_storage(),
           static_cast<size_t>(reinterpret_cast<char*>(&view) - reinterpret_cast<char*>(&op_)), written,
           written && kEdits});
  }

  void check_type(const char* name, DType dtype, Types types) {
    bool fits = true;
    switch (types) {
      case Types::T:
        fits = is_floating(dtype) && (!t_ || *t_ == dtype);
        if (fits) t_ = dtype;
        break;
      case Types::floating:
        fits = is_floating(dtype);
        break;
      case Types::any:
        break;
      default:
        fits = std::string_view(types_text(types)) == info(dtype).name;
    }
    if (fits) return;
    const std::string wanted = types == Types::T ? (t_ ? info(*t_).name : "float32, bfloat16 or float16")
                               : types == Types::floating ? "float32, bfloat16 or float16"
                                                          : types_text(types);
    throw dtype_error(place(name) + "is " + info(dtype).name + ", wanted " + wanted);
  }

  Napi::Value next() { return call_[position_++]; }
  std::string place(const char* name) const { return std::string(op_name_) + ": " + name + ": "; }
  const char* place_text(const char* name) {
    place_ = std::string(op_name_) + ": " + name;
    return place_.c_str();
  }

  const char* op_name_;
  const Napi::CallbackInfo& call_;
  Device& device_;
  Op& op_;
  Dimensions dimensions_;
  std::optional<DType> t_;
  std::string place_;
  std::vector<GraphAccess> accesses_;
  size_t position_ = 0;
};

// Lists an op's fields as {name, role, shape?, types?, choices?}.
class Describer {
 public:
  explicit Describer(Napi::Env env) : env_(env), fields_(Napi::Array::New(env)) {}

#define EVERLEARN_DESCRIBE_ROLE(role)                                         \
  template <class Base>                                                       \
  void role(const char* name, View Base::*, const char* shape, Types types) { \
    Napi::Object field = add(name, #role);                                    \
    field.Set("shape", shape);                                                \
    field.Set("types", types_text(types));                                    \
  }
  EVERLEARN_DESCRIBE_ROLE(in)
  EVERLEARN_DESCRIBE_ROLE(out)
  EVERLEARN_DESCRIBE_ROLE(inout)
  EVERLEARN_DESCRIBE_ROLE(optional)
  EVERLEARN_DESCRIBE_ROLE(optional_out)
  EVERLEARN_DESCRIBE_ROLE(optional_inout)
#undef EVERLEARN_DESCRIBE_ROLE

  template <class Base, class Number>
  void scalar(const char* name, Number Base::*) {
    add(name, std::is_same_v<Number, bool> ? "boolean" : "number");
  }
  template <class Base, class Enum>
  void choice(const char* name, Enum Base::*, const char* choices) {
    add(name, "choice").Set("choices", choices);
  }

  Napi::Array fields() const { return fields_; }

 private:
  Napi::Object add(const char* name, const char* role) {
    const auto field = Napi::Object::New(env_);
    field.Set("name", name);
    field.Set("role", role);
    fields_.Set(fields_.Length(), field);
    return field;
  }

  Napi::Env env_;
  Napi::Array fields_;
};

}  // namespace everlearn::addon
