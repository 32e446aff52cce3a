#include "node/app/tls_probe.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/rpc/client_channel.h"
#include "common/status/macros.h"

namespace consort::node {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string SslProblem() {
  char text[256] = "no reason given";
  const unsigned long error = ERR_get_error();
  if (error != 0) ERR_error_string_n(error, text, sizeof(text));
  return text;
}

absl::StatusOr<Context> MakeContext(const std::string& certificate_path, const std::string& key_path,
                                    const std::string& ca_path) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError(absl::StrCat("OpenSSL does not start: ", SslProblem()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  if (SSL_CTX_load_verify_locations(context.get(), ca_path.c_str(), nullptr) != 1 ||
      SSL_CTX_use_certificate_chain_file(context.get(), certificate_path.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("our TLS files cannot be used: ", SslProblem()));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);  // the result is read afterwards
  return context;
}

absl::StatusOr<CertificateFacts> ServerFacts(const SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  if (certificate == nullptr || memory == nullptr ||
      PEM_write_bio_X509(memory.get(), certificate.get()) != 1) {
    return absl::UnavailableError("the server shows no certificate");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return ReadCertificate(absl::string_view(data, static_cast<size_t>(size)));
}

}  // namespace

absl::StatusOr<TlsFacts> ProbeTls(const FileDescriptor& connection, const std::string& certificate_path,
                                  const std::string& key_path, const std::string& ca_path) {
  ASSIGN_OR_RETURN(const Context context, MakeContext(certificate_path, key_path, ca_path));
  const Connection ssl(SSL_new(context.get()), &SSL_free);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof(kHttp2));
  SSL_set_tlsext_host_name(ssl.get(), kCoordinatorTlsName);
  SSL_set_fd(ssl.get(), connection.get());
  if (SSL_connect(ssl.get()) != 1) {
    return absl::UnavailableError(absl::StrCat("no TLS 1.3 handshake: ", SslProblem()));
  }
  TlsFacts facts;
  facts.version = SSL_get_version(ssl.get());
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl.get(), &protocol, &length);
  facts.alpn.assign(reinterpret_cast<const char*>(protocol), length);
  const long verified = SSL_get_verify_result(ssl.get());
  if (verified != X509_V_OK) facts.chain_problem = X509_verify_cert_error_string(verified);
  ASSIGN_OR_RETURN(facts.server, ServerFacts(ssl.get()));
  SSL_shutdown(ssl.get());
  return facts;
}

}  // namespace consort::node
