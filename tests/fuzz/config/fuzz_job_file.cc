// Any bytes as a job file: refused with a place, or a job that a coordinator can parse.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cli/job_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto spec = consort::cli::ParseJobFile({reinterpret_cast<const char*>(data), size}, "job.toml",
                                               std::string(64, 'a'));
  if (spec.ok() && !consort::v1::JobSpec().ParseFromString(spec->SerializeAsString())) std::abort();
  return 0;
}
