// Owners for OpenSSL's objects. Private to common/crypto.
#ifndef CONSORT_COMMON_CRYPTO_OPENSSL_HANDLES_H_
#define CONSORT_COMMON_CRYPTO_OPENSSL_HANDLES_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace consort::openssl {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Handle = std::unique_ptr<T, Freed<kFree>>;

using Bio = Handle<BIO, BIO_free_all>;
using Number = Handle<BIGNUM, BN_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Handle<X509, X509_free>;
using Request = Handle<X509_REQ, X509_REQ_free>;
using Store = Handle<X509_STORE, X509_STORE_free>;
using StoreContext = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Extension = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

// Takes back the errors that OpenSSL queued for this thread since construction: TLS on the same thread would
// take them for its own.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

// A read-only BIO over `bytes`, which must outlive it.
inline Bio ReadFrom(absl::string_view bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// Everything written to a memory BIO so far.
inline std::string Written(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

// Refuses to ask a person at the terminal for the passphrase of an encrypted key.
inline int NoPassphrase(char*, int, int, void*) { return -1; }

inline const unsigned char* Bytes(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace consort::openssl

#endif  // CONSORT_COMMON_CRYPTO_OPENSSL_HANDLES_H_
