// The catalogue's JSON files as they were at build time; only message_catalogue.cc reads them.
#ifndef CONSORT_COMMON_MESSAGES_CATALOGUE_DATA_H_
#define CONSORT_COMMON_MESSAGES_CATALOGUE_DATA_H_

#include "absl/strings/string_view.h"

namespace consort {

extern const absl::string_view kEnglishCatalogue;
extern const absl::string_view kChineseCatalogue;

}  // namespace consort

#endif  // CONSORT_COMMON_MESSAGES_CATALOGUE_DATA_H_
