#include "common/adapters/peft_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace consort {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kMaxRank = 64;

absl::Status NotAnAdapter(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("not-an-adapter: adapter_config.json does not describe a plain LoRA adapter: ", what));
}

// Members of PEFT's that change what is computed, with the value that leaves it alone. Null and absence do.
Json NeutralMembers() {
  return {{"bias", "none"},
          {"fan_in_fan_out", false},
          {"use_dora", false},
          {"lora_bias", false},
          {"rank_pattern", Json::object()},
          {"alpha_pattern", Json::object()},
          {"layer_replication", nullptr},
          {"modules_to_save", nullptr}};
}

absl::Status CheckNeutral(const Json& config) {
  const Json members = NeutralMembers();
  for (const auto& [name, neutral] : members.items()) {
    const auto found = config.find(name);
    if (found == config.end() || found->is_null() || *found == neutral) continue;
    return NotAnAdapter(absl::StrCat(name, " changes what is computed, expected ", neutral.dump()));
  }
  return absl::OkStatus();
}

}  // namespace

std::string WritePeftConfig(const PeftConfig& config) {
  Json json = {{"peft_type", "LORA"},
               {"base_model_name_or_path", config.base_model},
               {"r", config.rank},
               {"lora_alpha", config.alpha},
               {"target_modules", config.modules},
               {"lora_dropout", 0.0},
               {"use_rslora", false},
               {"init_lora_weights", true},
               {"inference_mode", true},
               {"task_type", nullptr}};
  json.update(NeutralMembers());
  return json.dump(2, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<PeftConfig> ReadPeftConfig(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return NotAnAdapter("no JSON object");
  const auto member = [&](const char* name) { return json.contains(name) ? json[name] : Json(); };
  if (member("peft_type") != "LORA") return NotAnAdapter("peft_type is not LORA");
  const Json rank = member("r"), alpha = member("lora_alpha");
  if (!rank.is_number_integer() || rank < 1 || rank > kMaxRank) {
    return NotAnAdapter(absl::StrCat("r must be 1 to ", kMaxRank));
  }
  if (!alpha.is_number() || !std::isfinite(alpha.get<double>()) || alpha == 0) {
    return NotAnAdapter("lora_alpha must be a number other than 0");
  }
  if (const absl::Status neutral = CheckNeutral(json); !neutral.ok()) return neutral;
  PeftConfig config;
  config.rank = rank.get<int64_t>();
  config.alpha = alpha.get<double>();
  // rsLoRA (Kalajdzievski 2023, arXiv 2312.03732) scales by alpha / sqrt(rank).
  if (member("use_rslora") == true) config.alpha *= std::sqrt(static_cast<double>(config.rank));
  return config;
}

}  // namespace consort
