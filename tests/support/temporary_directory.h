// A folder of its own for a test, removed with everything in it at the end.
#ifndef CONSORT_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
#define CONSORT_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_

#include <string>

namespace consort::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  // Joins `name` to the folder's path.
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Writes and reads whole files; both end the test program on failure.
void WriteFileOrDie(const std::string& path, const std::string& bytes);
std::string ReadFileOrDie(const std::string& path);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_TEMPORARY_DIRECTORY_H_
