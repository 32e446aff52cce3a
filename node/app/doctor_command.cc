#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/messages/message_catalogue.h"
#include "common/text/text_table.h"
#include "nlohmann/json.hpp"
#include "node/app/commands.h"
#include "node/app/doctor_checks.h"
#include "node/app/node_config.h"

namespace consort::node {
namespace {

using Json = nlohmann::ordered_json;

std::string AdviceOf(const CheckResult& result) {
  return result.advice.empty() ? "" : Message(result.advice);
}

void Print(const std::vector<CheckResult>& results, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    Json list = Json::array();
    for (const CheckResult& result : results) {
      list.push_back({{"check", result.name},
                      {"verdict", WordOf(result.verdict)},
                      {"found", result.found},
                      {"do", AdviceOf(result)}});
    }
    return PrintData(list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  std::string text;
  for (const CheckResult& result : results) {
    absl::StrAppend(&text, WordOf(result.verdict), "  ", result.name,
                    std::string(14 - std::min<size_t>(13, result.name.size()), ' '), Printable(result.found),
                    "\n");
    if (!result.advice.empty()) absl::StrAppend(&text, "      -> ", AdviceOf(result), "\n");
  }
  PrintData(text);
}

}  // namespace

absl::Status RunDoctor(const DoctorOptions& options) {
  std::vector<CheckResult> results;
  const auto config = LoadNodeConfig(options.config);
  if (config.ok()) {
    results = RunChecks(*config, absl::Now());
    results.insert(results.begin(), {"config", CheckResult::Verdict::kPass, options.config, ""});
  } else {
    results.push_back({"config", CheckResult::Verdict::kFail, std::string(config.status().message()),
                       "node.doctor.config.do"});
  }
  Print(results, options.format);
  const auto failed = std::count_if(results.begin(), results.end(), [](const CheckResult& result) {
    return result.verdict == CheckResult::Verdict::kFail;
  });
  if (failed > 0) return absl::UnknownError(Message("node.doctor.failed", {{"count", absl::StrCat(failed)}}));
  PrintNote(Message("node.doctor.all-good") + "\n");
  return absl::OkStatus();
}

}  // namespace consort::node
