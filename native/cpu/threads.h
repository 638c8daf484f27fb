#pragma once

namespace everlearn::cpu {

// Threads of the compute team: EVERLEARN_THREADS, else the physical cores this process may use, counted from
// its affinity and limited by its cgroup's quota. Throws when the variable is not a positive number.
int compute_threads();

}  // namespace everlearn::cpu
