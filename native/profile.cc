#include "profile.h"

#include <chrono>

namespace everlearn {

namespace {
using Clock = std::chrono::steady_clock;
}  // namespace

DeviceClock process_clock() {
  return {[] { return std::make_shared<Clock::time_point>(Clock::now()); },
          [](const void* from, const void* to) {
            const auto at = [](const void* mark) { return *static_cast<const Clock::time_point*>(mark); };
            return std::chrono::duration<double>(at(to) - at(from)).count();
          }};
}

std::map<std::string, OperationTime> Profile::totals() const {
  std::map<std::string, OperationTime> totals;
  for (const Span& span : spans_) {
    OperationTime& total = totals[span.name];
    ++total.calls;
    total.seconds += clock_.seconds(span.start.get(), span.end.get());
  }
  return totals;
}

}  // namespace everlearn
