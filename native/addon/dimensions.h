// The shape language of native/ops.h: names bind at first use and must agree afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "../backend.h"

namespace everlearn::addon {

class Dimensions {
 public:
  explicit Dimensions(const char* op_name) : op_name_(op_name) {}

  // Checks the shape of field `name` against `pattern`; throws RangeError that says both.
  void check(const char* name, const View& view, std::string_view pattern);
  // A whole-number scalar whose name a pattern used must have that value.
  void scalar(const char* name, int64_t value);

 private:
  struct Symbol {
    std::string_view name;
    int64_t value;
  };
  // The value of one factor, such as "M", "3C", "S+1", "N/64" or "1"; binds a name that is new. False: does
  // not fit.
  bool fits(std::string_view factor, int64_t size);
  int64_t* find(std::string_view name);
  std::string expectation(std::string_view pattern);

  const char* op_name_;
  std::array<Symbol, 16> symbols_;
  size_t count_ = 0;
  struct Seen {
    const char* name;
    const View* view;
  };
  std::array<Seen, 24> seen_;
  size_t seen_count_ = 0;
};

}  // namespace everlearn::addon
