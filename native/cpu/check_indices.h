// Ops that follow indices check them first: a wrong id would read or write outside its tensor. The shapes
// were checked when the op was queued, the values can be only now.
#pragma once

#include "../ops.h"

namespace everlearn::cpu {

// Puts the checking form of such ops into `table`, which then call `unchecked`.
void check_indices_in(BackendTable& table, const BackendTable& unchecked);

}  // namespace everlearn::cpu
