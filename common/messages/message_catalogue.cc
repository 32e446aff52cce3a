#include "common/messages/message_catalogue.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/messages/catalogue_data.h"
#include "nlohmann/json.hpp"

namespace consort {
namespace {

using Templates = std::map<std::string, std::string, std::less<>>;

std::string_view View(absl::string_view text) { return {text.data(), text.size()}; }

// The catalogue is part of the program: one that does not parse is our own bug, found by the first test.
Templates Parse(absl::string_view json) {
  try {
    return nlohmann::json::parse(json.begin(), json.end()).get<Templates>();
  } catch (const nlohmann::json::exception& error) {
    std::cerr << "the compiled-in message catalogue is not a JSON object of texts: " << error.what() << "\n";
    std::abort();
  }
}

const Templates& TemplatesOf(Language language) {
  static const auto* const english = new Templates(Parse(kEnglishCatalogue));
  static const auto* const chinese = new Templates(Parse(kChineseCatalogue));
  return language == Language::kChinese ? *chinese : *english;
}

const std::string* Find(absl::string_view id, Language language) {
  const Templates& templates = TemplatesOf(language);
  const auto found = templates.find(View(id));
  return found == templates.end() ? nullptr : &found->second;
}

// Calls text(part) and parameter(name) for the parts of a template, in order.
template <class Text, class Parameter>
void Walk(absl::string_view source, const Text& text, const Parameter& parameter) {
  while (true) {
    const size_t open = source.find('{');
    const size_t close = open == absl::string_view::npos ? open : source.find('}', open);
    if (close == absl::string_view::npos) return text(source);
    text(source.substr(0, open));
    parameter(source.substr(open + 1, close - open - 1));
    source.remove_prefix(close + 1);
  }
}

}  // namespace

absl::string_view LanguageTag(Language language) { return language == Language::kChinese ? "zh-Hans" : "en"; }

std::string Message(absl::string_view id, Language language, const MessageParameters& parameters) {
  const std::string* source = Find(id, language);
  if (source == nullptr) source = Find(id, Language::kEnglish);
  if (source == nullptr) return std::string(id);
  std::string out;
  Walk(
      *source, [&](absl::string_view text) { out.append(text.data(), text.size()); },
      [&](absl::string_view name) {
        for (const auto& [known, value] : parameters) {
          if (known == name) {
            out += value;
            return;
          }
        }
        absl::StrAppend(&out, "{", name, "}");
      });
  return out;
}

std::string Message(absl::string_view id, const MessageParameters& parameters) {
  return Message(id, Language::kEnglish, parameters);
}

bool HasMessage(absl::string_view id, Language language) { return Find(id, language) != nullptr; }

std::vector<std::string> MessageIds(Language language) {
  std::vector<std::string> ids;
  for (const auto& [id, source] : TemplatesOf(language)) ids.push_back(id);
  return ids;
}

std::vector<std::string> MessageParameterNames(absl::string_view id, Language language) {
  std::set<std::string> names;
  if (const std::string* source = Find(id, language)) {
    Walk(
        *source, [](absl::string_view) {}, [&](absl::string_view name) { names.emplace(name); });
  }
  return {names.begin(), names.end()};
}

}  // namespace consort
