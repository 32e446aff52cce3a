#include "common/logging/json_log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace consort {
namespace {

std::string ToString(spdlog::string_view_t text) { return std::string(text.data(), text.size()); }

class JsonFormatter final : public spdlog::formatter {
 public:
  explicit JsonFormatter(std::string program) : program_(std::move(program)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const absl::Time time = absl::FromChrono(message.time);
    const nlohmann::ordered_json line = {
        {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone())},
        {"level", ToString(spdlog::level::to_string_view(message.level))},
        {"program", program_},
        {"message", ToString(message.payload)}};
    const std::string text = line.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                                       nlohmann::ordered_json::error_handler_t::replace);
    out.append(text.data(), text.data() + text.size());
    out.push_back('\n');
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>(program_);
  }

 private:
  const std::string program_;
};

constexpr std::array kLevels = {
    std::pair("trace", spdlog::level::trace), std::pair("debug", spdlog::level::debug),
    std::pair("info", spdlog::level::info),   std::pair("warning", spdlog::level::warn),
    std::pair("error", spdlog::level::err),   std::pair("critical", spdlog::level::critical),
    std::pair("off", spdlog::level::off)};

}  // namespace

absl::Status StartJsonLog(absl::string_view program, absl::string_view level) {
  for (const auto& [name, value] : kLevels) {
    if (level != name) continue;
    auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                   std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(std::make_unique<JsonFormatter>(std::string(program)));
    logger->set_level(value);
    spdlog::set_default_logger(std::move(logger));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no such log level; say trace, debug, info, warning, error, critical or off: ", level));
}

}  // namespace consort
