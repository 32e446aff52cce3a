// The texts that people read, by id: a template in English and, where it has been written, in Chinese.
//
// A template is plain text with parameters in braces: "{archive} sent {bytes}". Parameters are texts that the
// caller has already formatted; they are put in as they are, so that a caller who builds HTML escapes them.
// Thread-safe after the first call, which parses the catalogue.
#ifndef CONSORT_COMMON_MESSAGES_MESSAGE_CATALOGUE_H_
#define CONSORT_COMMON_MESSAGES_MESSAGE_CATALOGUE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace consort {

enum class Language { kEnglish, kChinese };

// "en", "zh-Hans": for `lang` attributes and file names.
absl::string_view LanguageTag(Language language);

using MessageParameters = std::vector<std::pair<absl::string_view, std::string>>;

// The text of `id` with its parameters put in; English where there is no Chinese. An id that is not in the
// catalogue is shown as itself, and a parameter that was not given as "{name}": a person still learns
// something, and the tests of the catalogue fail.
std::string Message(absl::string_view id, Language language, const MessageParameters& parameters = {});
// The same in English: what the command line tool prints.
std::string Message(absl::string_view id, const MessageParameters& parameters = {});

// True when the catalogue has a text of its own for `id` in `language`.
bool HasMessage(absl::string_view id, Language language);
// Every id, sorted.
std::vector<std::string> MessageIds(Language language);
// The names of the parameters in the template of `id`, sorted, each once; empty without the template.
std::vector<std::string> MessageParameterNames(absl::string_view id, Language language);

}  // namespace consort

#endif  // CONSORT_COMMON_MESSAGES_MESSAGE_CATALOGUE_H_
