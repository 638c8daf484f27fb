// Of cuDNN tests on the host need no more than that it has status codes.
#pragma once

enum cudnnStatus_t {};
