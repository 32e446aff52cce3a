#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace consort {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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

// Two definitions of one name link without a word and crash at night (C++20 [basic.def.odr]).
TEST(BordersTest, NoTypeIsDefinedTwiceInOneNamespace) {
  std::map<std::string, std::vector<std::string>> files_by_type;
  const std::filesystem::path root(CONSORT_SOURCE_DIR);
  for (const char* folder : {"common", "coordinator", "node", "cli"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      std::string name_space;
      for (std::string line; std::getline(file, line);) {
        if (absl::StartsWith(line, "namespace ")) name_space = line;
        if (!absl::StartsWith(line, "struct ") && !absl::StartsWith(line, "class ")) continue;
        if (!absl::EndsWith(line, "{")) continue;  // a declaration only
        const std::vector<std::string> words = absl::StrSplit(line, ' ');
        files_by_type[absl::StrCat(name_space, " ", words[1])].push_back(entry.path().filename().string());
      }
    }
  }
  ASSERT_GT(files_by_type.size(), 50u);  // the scan has eyes
  for (const auto& [type, files] : files_by_type) EXPECT_THAT(files, SizeIs(1)) << type;
}

}  // namespace
}  // namespace consort
