#include "common/config/document.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/config/nearest_name.h"
#include "common/status/macros.h"
#include "toml++/toml.h"

namespace consort {
namespace {

using Name = std::pair<std::string, std::string>;  // section, key

std::string Dotted(absl::string_view section, absl::string_view key) {
  return section.empty() ? std::string(key) : absl::StrCat(section, ".", key);
}

std::string VariableOf(absl::string_view section, absl::string_view key) {
  return absl::AsciiStrToUpper(absl::StrCat("CONSORT_", section, section.empty() ? "" : "_", key));
}

std::string PlaceOf(const std::string& file, const toml::source_region& region) {
  if (region.begin.line == 0) return file;
  return absl::StrCat(file, ":", region.begin.line, ":", region.begin.column);
}

std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Environment NoEnvironment() {
  return [](const std::string&) { return std::nullopt; };
}

struct ConfigDocument::State {
  std::string file;
  toml::table root;
  Environment environment;
  std::map<Name, std::string> overrides;
  std::set<Name> known;

  // What was found for one key: text from a flag or the environment, or a node of the file, or neither.
  struct Found {
    std::string place;
    std::optional<std::string> text;
    const toml::node* node = nullptr;
  };

  Found Find(absl::string_view section, absl::string_view key) const {
    const Name name(section, key);
    if (const auto flag = overrides.find(name); flag != overrides.end()) {
      return {absl::StrCat("flag for ", Dotted(section, key)), flag->second, nullptr};
    }
    const std::string variable = VariableOf(section, key);
    if (auto value = environment(variable)) return {variable, std::move(value), nullptr};
    const toml::table* table = &root;
    if (!section.empty()) {
      const toml::node* node = root.get(Std(section));
      table = node == nullptr ? nullptr : node->as_table();
    }
    const toml::node* node = table == nullptr ? nullptr : table->get(Std(key));
    if (node == nullptr) return {file, std::nullopt, nullptr};
    return {PlaceOf(file, node->source()), std::nullopt, node};
  }

  Found Ask(absl::string_view section, absl::string_view key) {
    known.emplace(section, key);
    return Find(section, key);
  }

  absl::Status Missing(absl::string_view section, absl::string_view key) const {
    return absl::InvalidArgumentError(absl::StrCat(file, ": ", Dotted(section, key), " is missing; add it ",
                                                   section.empty() ? "at the top" : "under its section",
                                                   " or set ", VariableOf(section, key)));
  }
};

namespace {

absl::Status Wrong(const std::string& place, absl::string_view section, absl::string_view key,
                   absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(place, ": ", Dotted(section, key), " ", problem));
}

template <class Number>
std::string RangeText(Number low, Number high, Number lowest, Number highest, absl::string_view unit) {
  const std::string tail = unit.empty() ? "" : absl::StrCat(" (unit: ", unit, ")");
  if (low == lowest && high == highest) return tail;
  if (high == highest) return absl::StrCat(" of at least ", low, tail);
  if (low == lowest) return absl::StrCat(" of at most ", high, tail);
  return absl::StrCat(" from ", low, " to ", high, tail);
}

// Splits "a=b,c=d". Errors: InvalidArgument with the problem alone.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> PairsOf(absl::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (sides.second.empty()) return absl::InvalidArgumentError("must be a list like a=b,c=d");
    pairs.emplace_back(absl::StripAsciiWhitespace(sides.first), absl::StripAsciiWhitespace(sides.second));
  }
  return pairs;
}

}  // namespace

ConfigDocument::ConfigDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConfigDocument::ConfigDocument(ConfigDocument&&) noexcept = default;
ConfigDocument& ConfigDocument::operator=(ConfigDocument&&) noexcept = default;
ConfigDocument::~ConfigDocument() = default;

absl::StatusOr<ConfigDocument> ConfigDocument::Read(const std::string& path, Environment environment) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) {
    return absl::NotFoundError(absl::StrCat("configuration file not found; check the path: ", path));
  }
  const auto bytes = std::filesystem::file_size(path, problem);
  if (problem || bytes > static_cast<uintmax_t>(kMaxFileBytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("configuration file is longer than ", kMaxFileBytes, " bytes: ", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::PermissionDeniedError(
        absl::StrCat("configuration file cannot be read (", std::strerror(errno), "): ", path));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return Parse(text.str(), path, std::move(environment));
}

absl::StatusOr<ConfigDocument> ConfigDocument::Parse(absl::string_view text, absl::string_view name,
                                                     Environment environment) {
  auto state = std::make_unique<State>();
  state->file = std::string(name);
  state->environment = std::move(environment);
  try {
    state->root = toml::parse(Std(text), Std(name));
  } catch (const toml::parse_error& error) {
    const std::string_view why = error.description();
    return absl::InvalidArgumentError(absl::StrCat(
        PlaceOf(state->file, error.source()), ": not TOML: ", absl::string_view(why.data(), why.size())));
  }
  return ConfigDocument(std::move(state));
}

void ConfigDocument::Override(absl::string_view section, absl::string_view key, absl::string_view value) {
  state_->overrides[Name(section, key)] = std::string(value);
}

absl::StatusOr<std::string> ConfigDocument::String(absl::string_view section, absl::string_view key,
                                                   std::optional<std::string> fallback) {
  const State::Found found = state_->Ask(section, key);
  if (found.text) return *found.text;
  if (found.node == nullptr) {
    if (fallback) return *std::move(fallback);
    return state_->Missing(section, key);
  }
  if (const auto* value = found.node->as_string()) return value->get();
  return Wrong(found.place, section, key, "must be a string in quotes");
}

absl::StatusOr<int64_t> ConfigDocument::Integer(absl::string_view section, absl::string_view key,
                                                std::optional<int64_t> fallback, IntegerRange range,
                                                absl::string_view unit) {
  const State::Found found = state_->Ask(section, key);
  int64_t value = 0;
  const std::string wanted = absl::StrCat(
      "must be an integer", RangeText(range.low, range.high, IntegerRange{}.low, IntegerRange{}.high, unit));
  if (found.text) {
    if (!absl::SimpleAtoi(*found.text, &value)) return Wrong(found.place, section, key, wanted);
  } else if (found.node == nullptr) {
    if (fallback) return *fallback;
    return state_->Missing(section, key);
  } else if (const auto* integer = found.node->as_integer()) {
    value = integer->get();
  } else {
    return Wrong(found.place, section, key, wanted);
  }
  if (value < range.low || value > range.high) {
    return Wrong(found.place, section, key, absl::StrCat(wanted, ": ", value));
  }
  return value;
}

absl::StatusOr<double> ConfigDocument::Real(absl::string_view section, absl::string_view key,
                                            std::optional<double> fallback, RealRange range,
                                            absl::string_view unit) {
  const State::Found found = state_->Ask(section, key);
  double value = 0;
  const std::string wanted = absl::StrCat(
      "must be a number", RangeText(range.low, range.high, RealRange{}.low, RealRange{}.high, unit));
  if (found.text) {
    if (!absl::SimpleAtod(*found.text, &value)) return Wrong(found.place, section, key, wanted);
  } else if (found.node == nullptr) {
    if (fallback) return *fallback;
    return state_->Missing(section, key);
  } else if (found.node->is_number()) {
    value = found.node->value_or(0.0);
  } else {
    return Wrong(found.place, section, key, wanted);
  }
  if (!std::isfinite(value) || value < range.low || value > range.high) {
    return Wrong(found.place, section, key, absl::StrCat(wanted, ": ", value));
  }
  return value;
}

absl::StatusOr<bool> ConfigDocument::Bool(absl::string_view section, absl::string_view key,
                                          std::optional<bool> fallback) {
  const State::Found found = state_->Ask(section, key);
  if (found.text) {
    if (*found.text == "true") return true;
    if (*found.text == "false") return false;
  } else if (found.node == nullptr) {
    if (fallback) return *fallback;
    return state_->Missing(section, key);
  } else if (const auto* value = found.node->as_boolean()) {
    return value->get();
  }
  return Wrong(found.place, section, key, "must be true or false");
}

absl::StatusOr<std::vector<std::string>> ConfigDocument::Strings(
    absl::string_view section, absl::string_view key, std::optional<std::vector<std::string>> fallback) {
  const State::Found found = state_->Ask(section, key);
  std::vector<std::string> strings;
  if (found.text) {
    for (absl::string_view part : absl::StrSplit(*found.text, ',', absl::SkipWhitespace())) {
      strings.emplace_back(absl::StripAsciiWhitespace(part));
    }
    return strings;
  }
  if (found.node == nullptr) {
    if (fallback) return *std::move(fallback);
    return state_->Missing(section, key);
  }
  const toml::array* array = found.node->as_array();
  if (array == nullptr) return Wrong(found.place, section, key, "must be a list of strings");
  for (const toml::node& element : *array) {
    const auto* value = element.as_string();
    if (value == nullptr) {
      return Wrong(PlaceOf(state_->file, element.source()), section, key, "must be a list of strings");
    }
    strings.push_back(value->get());
  }
  return strings;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ConfigDocument::Table(
    absl::string_view section, absl::string_view key) {
  const State::Found found = state_->Ask(section, key);
  std::vector<std::pair<std::string, std::string>> pairs;
  if (found.text) {
    auto parsed = PairsOf(*found.text);
    if (!parsed.ok()) return Wrong(found.place, section, key, parsed.status().message());
    return parsed;
  }
  if (found.node == nullptr) return pairs;
  const toml::table* table = found.node->as_table();
  if (table == nullptr) return Wrong(found.place, section, key, "must be a table of strings");
  for (const auto& [name, node] : *table) {
    const auto* value = node.as_string();
    if (value == nullptr) {
      return Wrong(PlaceOf(state_->file, node.source()), section, key, "must have strings as values");
    }
    pairs.emplace_back(std::string(name.str()), value->get());
  }
  return pairs;
}

bool ConfigDocument::HasSection(absl::string_view section) const {
  const toml::node* node = state_->root.get(Std(section));
  return node != nullptr && node->is_table();
}

absl::Status ConfigDocument::Refuse(absl::string_view section, absl::string_view key,
                                    absl::string_view problem) const {
  return Wrong(state_->Find(section, key).place, section, key, problem);
}

absl::Status ConfigDocument::RefuseUnknown() const {
  std::map<std::string, std::vector<std::string>> keys;  // by section, in name order
  std::vector<std::string> sections;
  for (const auto& [section, key] : state_->known) keys[section].push_back(key);
  for (const auto& [section, unused] : keys) sections.push_back(section);

  const auto unknown = [&](const toml::key& key, absl::string_view dotted,
                           const std::vector<std::string>& known) {
    const std::string nearest = NearestName(std::string(key.str()), known);
    return absl::InvalidArgumentError(
        absl::StrCat(PlaceOf(state_->file, key.source()), ": unknown key ", dotted,
                     nearest.empty() ? absl::StrCat("; known here: ", absl::StrJoin(known, ", "))
                                     : absl::StrCat("; did you mean ", nearest, "?")));
  };
  for (const auto& [name, node] : state_->root) {
    const std::string section(name.str());
    if (state_->known.count({"", section}) > 0) continue;
    const toml::table* table = node.as_table();
    if (table == nullptr || keys.count(section) == 0) {
      std::vector<std::string> known = table == nullptr ? keys[""] : sections;
      return unknown(name, section, known);
    }
    for (const auto& [key, unused] : *table) {
      const std::string text(key.str());
      if (state_->known.count({section, text}) == 0)
        return unknown(key, Dotted(section, text), keys[section]);
    }
  }
  return absl::OkStatus();
}

}  // namespace consort
