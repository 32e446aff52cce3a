#include "common/metrics/process_basics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace consort {
namespace {

// Places of the fields after the command's closing bracket in /proc/self/stat (proc(5) counts from 1 and
// calls the first of them 3).
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kThreads = 17;
constexpr size_t kStartTicks = 19;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;

std::string ReadSmallFile(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

prometheus::MetricFamily Family(const char* name, const char* help, prometheus::MetricType type,
                                double value) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(metric);
  return family;
}

// Seconds since the epoch at which the machine started; 0 if unknown.
double BootTime() {
  const std::string stat = ReadSmallFile("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(stat, '\n')) {
    double seconds = 0;
    if (line.substr(0, 6) == "btime " && absl::SimpleAtod(line.substr(6), &seconds)) return seconds;
  }
  return 0;
}

double OpenDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return -1;
  double count = -1;  // the folder's own descriptor is not counted
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessBasics::Collect() const {
  using prometheus::MetricType;
  std::vector<prometheus::MetricFamily> families;
  const std::string stat = ReadSmallFile("/proc/self/stat");
  const size_t bracket = stat.rfind(')');
  if (bracket == std::string::npos || bracket + 2 > stat.size()) return families;
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(bracket + 2), ' ');
  if (fields.size() <= kResidentPages) return families;
  const auto number = [&fields](size_t place) {
    double value = 0;
    return absl::SimpleAtod(fields[place], &value) ? value : 0;
  };
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  families.push_back(Family("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                            MetricType::Counter, (number(kUserTicks) + number(kSystemTicks)) / ticks));
  families.push_back(Family("process_resident_memory_bytes", "Resident memory, in bytes.", MetricType::Gauge,
                            number(kResidentPages) * page));
  families.push_back(Family("process_virtual_memory_bytes", "Virtual memory, in bytes.", MetricType::Gauge,
                            number(kVirtualBytes)));
  families.push_back(Family("process_start_time_seconds", "Start of the process, in seconds since the epoch.",
                            MetricType::Gauge, BootTime() + number(kStartTicks) / ticks));
  families.push_back(
      Family("process_threads", "Threads of the process.", MetricType::Gauge, number(kThreads)));
  if (const double open = OpenDescriptors(); open >= 0) {
    families.push_back(Family("process_open_fds", "Open file descriptors.", MetricType::Gauge, open));
  }
  return families;
}

}  // namespace consort
