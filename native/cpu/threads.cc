#include "threads.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "../error.h"

namespace everlearn::cpu {

namespace {

constexpr int kMostThreads = 1024;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Hardware threads of one core count once: a second one adds little to arithmetic that is bound by its units.
int allowed_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &set)) continue;
    const std::string siblings =
        first_line("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    cores.insert(siblings.empty() ? std::to_string(cpu) : siblings);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

// The smallest quota on the way from this process's cgroup to the root, in whole cores; 0 without one.
int quota_cores() {
  double least = 0;
  const auto note = [&](double cores) {
    if (cores > 0) least = least > 0 ? std::min(least, cores) : cores;
  };
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    std::string path = line.substr(line.rfind(':') + 1);
    const bool version2 = line.starts_with("0::");
    const bool cpu1 = line.find(":cpu") != std::string::npos;
    if (!version2 && !cpu1) continue;
    for (;; path = path.substr(0, path.rfind('/'))) {
      if (path == "/") path.clear();
      if (version2) {
        std::istringstream limit(first_line("/sys/fs/cgroup" + path + "/cpu.max"));
        double quota = 0, period = 0;
        if (limit >> quota >> period) note(quota / period);
      } else {
        const std::string base = "/sys/fs/cgroup/cpu" + path;
        const double quota = std::atof(first_line(base + "/cpu.cfs_quota_us").c_str());
        const double period = std::atof(first_line(base + "/cpu.cfs_period_us").c_str());
        if (quota > 0 && period > 0) note(quota / period);
      }
      if (path.empty()) break;
    }
  }
  return least > 0 ? std::max(1, static_cast<int>(std::ceil(least - 0.01))) : 0;
}

}  // namespace

int compute_threads() {
  if (const char* wanted = std::getenv("EVERLEARN_THREADS"); wanted && *wanted) {
    char* end = nullptr;
    const long count = std::strtol(wanted, &end, 10);
    if (*end || count < 1 || count > kMostThreads)
      throw state_error("BAD_THREADS", "EVERLEARN_THREADS is '" + std::string(wanted) +
                                           "': use a number from 1 to " + std::to_string(kMostThreads));
    return static_cast<int>(count);
  }
  const int cores = allowed_cores();
  const int quota = quota_cores();
  return quota ? std::min(cores, quota) : cores;
}

}  // namespace everlearn::cpu
