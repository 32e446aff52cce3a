// What models keep at the archive between rounds, once no round will ask for it again.
#ifndef CONSORT_NODE_TRAINER_ENGINE_KEPT_FILES_H_
#define CONSORT_NODE_TRAINER_ENGINE_KEPT_FILES_H_

#include <chrono>
#include <filesystem>
#include <string>

#include "absl/strings/string_view.h"

namespace consort::trainer {

inline constexpr char kLocalPrefix[] = "local-";
// The trainer is not told that a job has ended. An archive trains a job's next round within days, and hardly
// ever after a quarter: what it then lacks, such as discriminators, starts afresh.
inline constexpr std::chrono::hours kKeptFor{90 * 24};

// Removes files of `directory` whose names begin with kLocalPrefix and that were last written more than
// kKeptFor before `now`. Those of `in_use`, a prefix of paths, stay. What cannot be removed is left for the
// next time.
void RemoveForgottenFiles(const std::string& directory, absl::string_view in_use,
                          std::filesystem::file_time_type now);

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_KEPT_FILES_H_
