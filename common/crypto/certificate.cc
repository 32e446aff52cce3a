#include "common/crypto/certificate.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/crypto/openssl_handles.h"
#include "common/crypto/pem.h"
#include "common/status/macros.h"

namespace consort {
namespace {

std::string TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1)
    return absl::InvalidArgumentError("certificate has an unreadable date");
  return absl::FromTM(fields, absl::UTCTimeZone());
}

absl::StatusOr<std::string> AddressOf(const ASN1_OCTET_STRING* address) {
  const std::string bytes = TextOf(address);
  char text[INET6_ADDRSTRLEN] = {};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if ((bytes.size() != 4 && bytes.size() != 16) ||
      inet_ntop(family, bytes.data(), text, sizeof text) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("certificate names an IP address of ", bytes.size(), " bytes; expected 4 or 16"));
  }
  return std::string(text);
}

absl::Status ReadAlternativeNames(const openssl::Certificate& certificate, CertificateFacts& facts) {
  const openssl::GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      // Two identities in one certificate would let each reader pick the one it likes (SPIFFE X.509-SVID, 2).
      if (!facts.spiffe_id.empty())
        return absl::InvalidArgumentError("certificate has more than one URI name");
      facts.spiffe_id = TextOf(name->d.uniformResourceIdentifier);
      if (facts.spiffe_id.find('\0') != std::string::npos) {
        return absl::InvalidArgumentError("certificate's URI name holds a zero byte");
      }
    } else if (name->type == GEN_DNS) {
      facts.dns_names.push_back(TextOf(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
      ASSIGN_OR_RETURN(facts.ip_addresses.emplace_back(), AddressOf(name->d.iPAddress));
    }
  }
  return absl::OkStatus();
}

absl::Status AddAuthorities(absl::string_view ca_pem, X509_STORE* store) {
  const openssl::Bio bio = openssl::ReadFrom(ca_pem);
  int added = 0;
  while (true) {
    const openssl::Certificate authority(
        PEM_read_bio_X509(bio.get(), nullptr, openssl::NoPassphrase, nullptr));
    if (authority == nullptr) break;
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return absl::InternalError("OpenSSL did not take the authority's certificate");
    }
    ++added;
  }
  if (added == 0)
    return absl::UnauthenticatedError("no authority certificate is known; enrol again or restore ca.pem");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> GenerateTlsKeyPem() {
  const openssl::Key key(EVP_EC_gen("P-256"));
  const openssl::Bio bio(BIO_new(BIO_s_secmem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return absl::InternalError("OpenSSL made no P-256 key");
  }
  return openssl::Written(bio);
}

absl::StatusOr<std::string> MakeCertificateRequest(absl::string_view key_pem) {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(const openssl::Key key, openssl::ParseKey(key_pem));
  const openssl::Request request(X509_REQ_new());
  const openssl::Bio bio(BIO_new(BIO_s_mem()));
  if (request == nullptr || bio == nullptr || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return absl::InvalidArgumentError(
        "the private key cannot sign a certificate request; a P-256 key is expected");
  }
  return openssl::Written(bio);
}

absl::StatusOr<CertificateFacts> ReadCertificate(absl::string_view pem) {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(const openssl::Certificate certificate, openssl::ParseCertificate(pem));
  CertificateFacts facts;
  RETURN_IF_ERROR(ReadAlternativeNames(certificate, facts));
  ASSIGN_OR_RETURN(facts.not_before, TimeOf(X509_get0_notBefore(certificate.get())));
  ASSIGN_OR_RETURN(facts.not_after, TimeOf(X509_get0_notAfter(certificate.get())));
  Digest digest;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) != 1) {
    return absl::InternalError("OpenSSL did not hash the certificate");
  }
  facts.fingerprint = HexOf(digest);
  if (const ASN1_OCTET_STRING* issuer = X509_get0_authority_key_id(certificate.get())) {
    facts.issuer_fingerprint_hint = HexEncode(TextOf(issuer));
  }
  facts.is_authority = X509_check_ca(certificate.get()) == 1;
  return facts;
}

absl::Status VerifyChain(absl::string_view pem, absl::string_view ca_pem, absl::Time when) {
  const openssl::ErrorScope errors;
  auto certificate = openssl::ParseCertificate(pem);
  if (!certificate.ok()) return absl::UnauthenticatedError(certificate.status().message());
  const openssl::Store store(X509_STORE_new());
  const openssl::StoreContext context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr) return absl::InternalError("OpenSSL has no memory");
  RETURN_IF_ERROR(AddAuthorities(ca_pem, store.get()));
  if (X509_STORE_CTX_init(context.get(), store.get(), certificate->get(), nullptr) != 1) {
    return absl::InternalError("OpenSSL did not start to verify");
  }
  X509_VERIFY_PARAM* terms = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(terms, absl::ToTimeT(when));
  X509_VERIFY_PARAM_set_flags(terms, X509_V_FLAG_X509_STRICT);
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  return absl::UnauthenticatedError(
      absl::StrCat("certificate does not chain to the federation's authority: ",
                   X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
}

absl::Status CheckKeyOfCertificate(absl::string_view pem, absl::string_view key_pem) {
  const openssl::ErrorScope errors;
  ASSIGN_OR_RETURN(const openssl::Certificate certificate, openssl::ParseCertificate(pem));
  ASSIGN_OR_RETURN(const openssl::Key key, openssl::ParseKey(key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) == 1) return absl::OkStatus();
  return absl::InvalidArgumentError("certificate and private key do not belong together");
}

}  // namespace consort
