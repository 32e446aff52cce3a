// Rules of templates and explanation: their form. Whether an explanation is true is for whoever recomputes
// it.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/ledger/members.h"
#include "common/ledger/rules.h"
#include "common/ledger/said.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

using nlohmann::json;

constexpr const char* kLanguages[] = {"en", "zh-Hans"};
constexpr Member kQuantity[] = {{"value", MemberType::kDecimal}, {"unit", MemberType::kText}};
constexpr Member kInterval[] = {{"lo", MemberType::kDecimal}, {"hi", MemberType::kDecimal}};
constexpr Member kPiece[] = {{"type", MemberType::kText}, {"custodian", MemberType::kText}};

// `both`: an object with a text that is not empty in each language and nothing else.
absl::Status CheckBothLanguages(const json& both, absl::string_view what) {
  bool fits = both.is_object() && both.size() == std::size(kLanguages);
  for (const char* language : kLanguages) {
    fits = fits && both.contains(language) && both[language].is_string() &&
           !both[language].get_ref<const std::string&>().empty();
  }
  if (fits) return absl::OkStatus();
  return DoesNotFit(absl::StrCat("entry needs one text in en and one in zh-Hans: ", what));
}

// The names in braces of a template.
std::set<std::string> Parameters(absl::string_view text) {
  std::set<std::string> names;
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == text.npos) break;
    names.emplace(text.substr(open + 1, close - open - 1));
  }
  return names;
}

// An integer, a text (a name or a digest), or a number with its unit and, if it is uncertain, its interval.
bool IsParameter(const json& value) {
  if (value.is_number_integer() || value.is_string()) return true;
  if (!value.is_object() || !CheckMembers(value, kQuantity).ok()) return false;
  const bool has_interval = value.contains("lo") || value.contains("hi");
  return !has_interval || CheckMembers(value, kInterval).ok();
}

absl::Status CheckEvidence(const json& evidence) {
  for (const json& piece : evidence) {
    RETURN_IF_ERROR(CheckMembers(piece, kPiece));
    const bool named = piece.contains("sha256") != piece.contains("commitment");
    const json digest = named ? piece[piece.contains("sha256") ? "sha256" : "commitment"] : json();
    if (!digest.is_string() || !DigestFromHex(digest.get<std::string>()).ok())
      return DoesNotFit("a piece of evidence has either sha256 or commitment, 64 hex digits");
  }
  return absl::OkStatus();
}

// A: recomputed from the log alone. B: by whoever holds the evidence, with a method. C: somebody's word.
absl::Status CheckClass(const json& predicate) {
  const std::string& kind = predicate["class"].get_ref<const std::string&>();
  const bool has_evidence = !predicate["evidence"].empty();
  const bool has_method = predicate.contains("method");
  const bool has_witness = predicate.contains("attested_by");
  if (kind == "A" && !has_evidence && !has_witness) return absl::OkStatus();
  if (kind == "B" && has_evidence && has_method && !has_witness) return absl::OkStatus();
  if (kind == "C" && has_witness && predicate["attested_by"].is_string()) return absl::OkStatus();
  return DoesNotFit(
      "explanation is of class A (no evidence), B (evidence and method) or C (attested_by): "
      "its members do not fit its class");
}

}  // namespace

absl::Status Rules::OnTemplates(const Said& said) {
  const json& texts = said.predicate["texts"];
  ASSIGN_OR_RETURN(const std::string canonical, CanonicalJson(texts));
  RETURN_IF_ERROR(said.ExpectSubjects({{"templates", Sha256Hex(canonical)}}));
  if (texts.empty()) return DoesNotFit("templates have no text");
  std::set<std::string> ids;
  for (const auto& [id, both] : texts.items()) {
    RETURN_IF_ERROR(CheckBothLanguages(both, id));
    if (Parameters(both["en"].get_ref<const std::string&>()) !=
        Parameters(both["zh-Hans"].get_ref<const std::string&>()))
      return DoesNotFit(absl::StrCat("template's languages have different parameters: ", id));
    ids.insert(id);
  }
  undo_.Emplace(templates_, HexOf(said.leaf_hash), std::move(ids));
  return absl::OkStatus();
}

absl::Status Rules::OnExplanation(const Said& said) {
  const json& predicate = said.predicate;
  ASSIGN_OR_RETURN(const std::string canonical, CanonicalJson(predicate["text"]));
  RETURN_IF_ERROR(said.ExpectSubjects({{"explanation", Sha256Hex(canonical)}}));
  RETURN_IF_ERROR(CheckBothLanguages(predicate["text"], "text"));
  const auto templates = templates_.find(said.Text("templates"));
  if (templates == templates_.end())
    return OutOfPlace("explanation names templates that no earlier entry states");
  if (!templates->second.contains(said.Text("template")))
    return OutOfPlace(
        absl::StrCat("explanation uses a template that those do not have: ", said.Text("template")));
  if (predicate["inputs"].empty()) return DoesNotFit("explanation has no inputs");
  for (const json& input : predicate["inputs"]) {
    if (!input.is_number_unsigned() || input.get<uint64_t>() >= said.index)
      return DoesNotFit("explanation's inputs are leaves before it");
  }
  for (const auto& [name, value] : predicate["params"].items()) {
    if (!IsParameter(value))
      return DoesNotFit(absl::StrCat("parameter is no integer, text, or value with unit: ", name));
  }
  RETURN_IF_ERROR(CheckEvidence(predicate["evidence"]));
  return CheckClass(predicate);
}

}  // namespace consort::ledger
