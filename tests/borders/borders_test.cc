#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

using ::testing::IsEmpty;

// A line of a source file that matters to a border.
struct Include {
  std::string file;  // relative to the root
  std::string line;
};

std::vector<Include> IncludesUnder(const std::vector<std::string>& folders) {
  std::vector<Include> includes;
  const std::filesystem::path root(CONSORT_SOURCE_DIR);
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      std::ifstream file(entry.path());
      const std::string name = std::filesystem::relative(entry.path(), root).string();
      for (std::string line; std::getline(file, line);) {
        if (absl::StartsWith(line, "#include")) includes.push_back({name, line});
      }
    }
  }
  return includes;
}

std::vector<std::string> Breaches(const std::vector<std::string>& folders,
                                  const std::function<bool(const Include&)>& is_breach) {
  std::vector<std::string> breaches;
  for (const Include& include : IncludesUnder(folders)) {
    if (is_breach(include)) breaches.push_back(absl::StrCat(include.file, ": ", include.line));
  }
  return breaches;
}

TEST(BordersTest, CommonIncludesNoProgram) {
  EXPECT_THAT(Breaches({"common"},
                       [](const Include& include) {
                         return absl::StrContains(include.line, "\"coordinator/") ||
                                absl::StrContains(include.line, "\"node/") ||
                                absl::StrContains(include.line, "\"cli/") ||
                                absl::StrContains(include.line, "\"tests/");
                       }),
              IsEmpty());
}

TEST(BordersTest, ProgramsDoNotIncludeEachOther) {
  const std::vector<std::string> programs = {"coordinator", "node", "cli"};
  for (const std::string& program : programs) {
    EXPECT_THAT(Breaches({program},
                         [&](const Include& include) {
                           for (const std::string& other : programs) {
                             if (other != program && absl::StrContains(include.line, absl::StrCat("\"", other, "/"))) {
                               return true;
                             }
                           }
                           return absl::StrContains(include.line, "\"tests/");
                         }),
                IsEmpty());
  }
}

TEST(BordersTest, LibTorchIsNamedOnlyInTrainerSources) {
  EXPECT_THAT(Breaches({"common", "coordinator", "node", "cli"},
                       [](const Include& include) {
                         const bool torch = absl::StrContains(include.line, "<torch/") ||
                                            absl::StrContains(include.line, "<ATen/") ||
                                            absl::StrContains(include.line, "<c10/");
                         return torch && !(absl::StartsWith(include.file, "node/trainer/") &&
                                           absl::EndsWith(include.file, ".cc"));
                       }),
              IsEmpty());
}

TEST(BordersTest, GeneratedGrpcHeadersAreNamedOnlyInRpcFolders) {
  EXPECT_THAT(Breaches({"common", "coordinator", "node", "cli"},
                       [](const Include& include) {
                         return absl::StrContains(include.line, ".grpc.pb.h") &&
                                !absl::StrContains(include.file, "/rpc/") &&
                                !absl::StartsWith(include.file, "common/trainer_client/");
                       }),
              IsEmpty());
}

}  // namespace
}  // namespace consort
