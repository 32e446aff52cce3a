#include "common/crypto/certificate_fields.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/random.h"

namespace consort::openssl {
namespace {

constexpr size_t kSerialBytes = 16;         // RFC 5280 4.1.2.2: at most 20
constexpr size_t kMaxCommonNameBytes = 64;  // RFC 5280 appendix A: ub-common-name

// Takes `bytes` as they are: no configuration syntax in which a name could smuggle another.
bool AddName(GENERAL_NAMES* names, int type, absl::string_view bytes) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* text =
      type == GEN_IPADD ? static_cast<ASN1_STRING*>(ASN1_OCTET_STRING_new()) : ASN1_IA5STRING_new();
  ASN1_STRING_set(text, bytes.data(), static_cast<int>(bytes.size()));
  GENERAL_NAME_set0_value(name, type, text);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

std::string AddressBytes(const std::string& address) {
  std::string bytes(16, '\0');
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(4);
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return bytes;
  return "";
}

bool SetSerial(X509* certificate) {
  std::string serial = RandomBytes(kSerialBytes);
  serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40);  // positive and never shorter
  const Number number(BN_bin2bn(Bytes(serial), static_cast<int>(serial.size()), nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

}  // namespace

bool IsNameText(absl::string_view text, absl::string_view punctuation) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [punctuation](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           absl::StrContains(punctuation, c);
  });
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

absl::Status AddAlternativeNames(X509* certificate, const std::string& uri,
                                 const std::vector<std::string>& dns_names,
                                 const std::vector<std::string>& ip_addresses) {
  const GeneralNames names(GENERAL_NAMES_new());
  bool added = AddName(names.get(), GEN_URI, uri);
  for (const std::string& dns : dns_names) {
    if (!IsNameText(dns, "-.")) return absl::InvalidArgumentError(absl::StrCat("not a DNS name: ", dns));
    added = added && AddName(names.get(), GEN_DNS, dns);
  }
  for (const std::string& address : ip_addresses) {
    const std::string bytes = AddressBytes(address);
    if (bytes.empty()) return absl::InvalidArgumentError(absl::StrCat("not an IP address: ", address));
    added = added && AddName(names.get(), GEN_IPADD, bytes);
  }
  if (!added || X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return absl::InternalError("OpenSSL did not take the certificate's names");
  }
  return absl::OkStatus();
}

bool SetSubject(X509* certificate, absl::string_view organization, absl::string_view common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  common_name = common_name.substr(0, kMaxCommonNameBytes);
  organization = organization.substr(0, kMaxCommonNameBytes);
  return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, Bytes(organization),
                                    static_cast<int>(organization.size()), -1, 0) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, Bytes(common_name),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool Fill(X509* certificate, EVP_PKEY* key, absl::Time from, absl::Time until) {
  return X509_set_version(certificate, X509_VERSION_3) == 1 && SetSerial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(until)) != nullptr &&
         X509_set_pubkey(certificate, key) == 1;
}

}  // namespace consort::openssl
