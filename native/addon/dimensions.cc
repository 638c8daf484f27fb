#include "dimensions.h"

#include <algorithm>
#include <charconv>
#include <cctype>

#include "../error.h"
#include "../tensor.h"

namespace everlearn::addon {

namespace {

int64_t number_in(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// One factor of a pattern as size = multiplier * name / divisor + addend; a plain number has no name.
struct Factor {
  int64_t multiplier = 1, divisor = 1, addend = 0;
  std::string_view name;
};

Factor parse(std::string_view text) {
  Factor factor;
  size_t letters = 0;
  while (letters < text.size() && std::isdigit(static_cast<unsigned char>(text[letters]))) ++letters;
  if (letters) factor.multiplier = number_in(text.substr(0, letters));
  const size_t operation = text.find_first_of("+/", letters);
  factor.name = text.substr(letters, operation == std::string_view::npos ? text.npos : operation - letters);
  if (operation != std::string_view::npos)
    (text[operation] == '+' ? factor.addend : factor.divisor) = number_in(text.substr(operation + 1));
  return factor;
}

std::string_view take_word(std::string_view& rest) {
  const size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  return word;
}

}  // namespace

int64_t* Dimensions::find(std::string_view name) {
  for (size_t i = 0; i < count_; ++i)
    if (symbols_[i].name == name) return &symbols_[i].value;
  return nullptr;
}

bool Dimensions::fits(std::string_view text, int64_t size) {
  const Factor factor = parse(text);
  if (factor.name.empty()) return size == factor.multiplier;
  if (const int64_t* known = find(factor.name))
    return *known % factor.divisor == 0 &&
           size == factor.multiplier * *known / factor.divisor + factor.addend;
  const int64_t scaled = (size - factor.addend) * factor.divisor;
  if (scaled < 0 || scaled % factor.multiplier) return false;
  symbols_[count_++] = {factor.name, scaled / factor.multiplier};
  return true;
}

std::string Dimensions::expectation(std::string_view pattern) {
  std::string text = "[";
  for (std::string_view rest = pattern; !rest.empty();) {
    const std::string_view word = take_word(rest);
    const Factor factor = parse(word);
    const int64_t* known = factor.name.empty() ? nullptr : find(factor.name);
    text += known ? std::to_string(factor.multiplier * *known / factor.divisor + factor.addend)
                  : std::string(word);
    if (!rest.empty()) text += ", ";
  }
  return text + "]";
}

void Dimensions::check(const char* name, const View& view, std::string_view pattern) {
  seen_[seen_count_++] = {name, &view};
  if (pattern == "*") return;
  if (pattern.starts_with('=')) {
    for (size_t i = 0; i + 1 < seen_count_; ++i) {
      if (pattern.substr(1) != seen_[i].name) continue;
      const View& other = *seen_[i].view;
      if (view.rank == other.rank && std::equal(view.shape, view.shape + view.rank, other.shape)) return;
      throw shape_error(std::string(op_name_) + ": " + name + " has shape " + shape_text(view) +
                        ", wanted that of " + seen_[i].name + ", " + shape_text(other));
    }
    return;
  }
  const size_t bound_before = count_;
  std::string_view rest = pattern;
  int axis = 0;
  bool fitting = true;
  for (; fitting && !rest.empty(); ++axis)
    fitting = axis < view.rank && fits(take_word(rest), view.shape[axis]);
  if (fitting && axis == view.rank) return;
  count_ = bound_before;
  throw shape_error(std::string(op_name_) + ": " + name + " has shape " + shape_text(view) + ", wanted " +
                    expectation(pattern));
}

void Dimensions::scalar(const char* name, int64_t value) {
  if (const int64_t* bound = find(name); bound && *bound != value)
    throw shape_error(std::string(op_name_) + ": " + name + " is " + std::to_string(value) +
                      ", but the shapes say " + std::to_string(*bound));
}

}  // namespace everlearn::addon
