#pragma once

#include "../ops.h"

namespace everlearn::cpu {

void linear(const Context& context, const Linear& op);
void linear_backward(const Context& context, const LinearBackward& op);

}  // namespace everlearn::cpu
