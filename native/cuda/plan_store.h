// Attention plans on disk: one file a plan in the cache folder of the user, so that the next process need not
// compile.
#pragma once

#include <optional>
#include <string>

namespace everlearn::cuda {

// EVERLEARN_CACHE, else everlearn/ in XDG_CACHE_HOME, else in ~/.cache; empty: none, nothing is kept.
std::string plan_folder();

// Text kept under a name that says all it depends on. Files are written aside and renamed; what cannot be
// written is not kept.
std::optional<std::string> stored_plan(const std::string& name);
void store_plan(const std::string& name, const std::string& text);
void drop_plan(const std::string& name);

}  // namespace everlearn::cuda
