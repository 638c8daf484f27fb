// Names and sizes of the dtypes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "backend.h"

namespace everlearn {

struct DTypeInfo {
  DType dtype;
  const char* name;
  size_t bytes;
};

constexpr std::array<DTypeInfo, 5> kDTypes = {{{DType::float32, "float32", 4},
                                               {DType::bfloat16, "bfloat16", 2},
                                               {DType::float16, "float16", 2},
                                               {DType::int32, "int32", 4},
                                               {DType::uint8, "uint8", 1}}};

constexpr const DTypeInfo& info(DType dtype) { return kDTypes[static_cast<size_t>(dtype)]; }

constexpr std::optional<DType> dtype_named(std::string_view name) {
  for (const auto& entry : kDTypes)
    if (name == entry.name) return entry.dtype;
  return std::nullopt;
}

}  // namespace everlearn
