// Of cuBLASLt tests on the host need no more than that it has status codes.
#pragma once

enum cublasStatus_t {};
