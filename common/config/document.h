// A TOML file with its environment twins and flags, read as typed values.
//
// A value comes from, in this order: Override (a flag), the environment CONSORT_<SECTION>_<KEY> in upper
// case, the file, the default. Each getter remembers that its key exists; RefuseUnknown then names every key
// that nobody asked for. Messages begin `file:line:column: section.key`, or with the variable's name. Usage:
//
//   ASSIGN_OR_RETURN(auto document, ConfigDocument::Read(path, ProcessEnvironment()));
//   ASSIGN_OR_RETURN(config.listen, document.String("server", "listen", "127.0.0.1:8443"));
//   ASSIGN_OR_RETURN(config.seal, document.Integer("ledger", "seal_seconds", 10, {1, 3600}, "s"));
//   RETURN_IF_ERROR(document.RefuseUnknown());
#ifndef CONSORT_COMMON_CONFIG_DOCUMENT_H_
#define CONSORT_COMMON_CONFIG_DOCUMENT_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace consort {

// Looks a variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessEnvironment();
// For files that are no program's configuration, such as a job file.
Environment NoEnvironment();

struct IntegerRange {
  int64_t low = std::numeric_limits<int64_t>::min();  // both ends belong to it
  int64_t high = std::numeric_limits<int64_t>::max();
};
struct RealRange {
  double low = std::numeric_limits<double>::lowest();
  double high = std::numeric_limits<double>::max();
};

// Movable, not thread-safe. Section "" is the top of the file (its keys have the twin CONSORT_<KEY>).
class ConfigDocument {
 public:
  static constexpr int64_t kMaxFileBytes = 1 << 20;  // a configuration is read by people

  // Errors: NotFound; PermissionDenied; InvalidArgument with line and column for what is not TOML or too
  // long.
  static absl::StatusOr<ConfigDocument> Read(const std::string& path, Environment environment);
  // `name` stands where the path would in messages.
  static absl::StatusOr<ConfigDocument> Parse(absl::string_view text, absl::string_view name,
                                              Environment environment);

  ConfigDocument(ConfigDocument&&) noexcept;
  ConfigDocument& operator=(ConfigDocument&&) noexcept;
  ~ConfigDocument();

  // A flag's value in its text form; wins over the environment and the file. Lists: "a,b"; tables: "a=b,c=d".
  void Override(absl::string_view section, absl::string_view key, absl::string_view value);

  // Each returns the value, or `fallback` when it is given nowhere; nullopt as fallback makes it required.
  // Errors: InvalidArgument for a missing required value, another type, or a value out of range; the message
  // says what is expected, with `unit`.
  absl::StatusOr<std::string> String(absl::string_view section, absl::string_view key,
                                     std::optional<std::string> fallback = std::nullopt);
  absl::StatusOr<int64_t> Integer(absl::string_view section, absl::string_view key,
                                  std::optional<int64_t> fallback, IntegerRange range,
                                  absl::string_view unit);
  // Accepts integers too; never NaN or infinity.
  absl::StatusOr<double> Real(absl::string_view section, absl::string_view key,
                              std::optional<double> fallback, RealRange range, absl::string_view unit);
  absl::StatusOr<bool> Bool(absl::string_view section, absl::string_view key,
                            std::optional<bool> fallback = std::nullopt);
  absl::StatusOr<std::vector<std::string>> Strings(
      absl::string_view section, absl::string_view key,
      std::optional<std::vector<std::string>> fallback = std::nullopt);
  // A table whose values are all strings, in key order; empty when absent.
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Table(absl::string_view section,
                                                                         absl::string_view key);

  // True when the file itself has this section: for programs that behave differently without it.
  bool HasSection(absl::string_view section) const;
  // A failure about a value that a getter accepted but its reader cannot use: `problem` after its place.
  absl::Status Refuse(absl::string_view section, absl::string_view key, absl::string_view problem) const;

  // Errors: InvalidArgument naming the first key or section of the file that no getter asked for, and the
  // nearest known name.
  absl::Status RefuseUnknown() const;

 private:
  struct State;
  explicit ConfigDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_CONFIG_DOCUMENT_H_
