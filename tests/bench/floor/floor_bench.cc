// What one round of N nodes with an update of B bytes costs at least: the state goes to each node, each
// update comes back, over TLS 1.3 on loopback; every byte is hashed where it arrives and stored before it
// counts. No messages, no arithmetic, one thread for each end. Prints {"seconds": ...}.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/artifact/artifact_store.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/file_digest.h"
#include "common/crypto/certificate.h"

namespace consort {
namespace {

constexpr size_t kBlockBytes = 1 << 20;  // a chunk of a bulk transfer
constexpr int kRepetitions = 3;          // the best counts: others use the machine too

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

void Require(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "bench_floor: %s failed\n", what);
  std::exit(1);
}

Context ServerContext() {
  const auto authority = CertificateAuthority::Create("floor", absl::Now());
  const auto key_pem = GenerateTlsKeyPem();
  Require(authority.ok() && key_pem.ok(), "making keys");
  const auto request = MakeCertificateRequest(*key_pem);
  Require(request.ok(), "making a certificate request");
  CertificateAuthority::Subject subject;
  subject.spiffe_id = "spiffe://floor/coordinator";
  const auto pem = authority->Issue(*request, subject, absl::Now());
  Require(pem.ok(), "issuing a certificate");
  const Bio key_text(BIO_new_mem_buf(key_pem->data(), static_cast<int>(key_pem->size())));
  const Bio text(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  const Certificate certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  Context context(SSL_CTX_new(TLS_server_method()));
  Require(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1,
          "loading the certificate");
  return context;
}

// The two ends of one connection over loopback, before TLS.
std::pair<FileDescriptor, FileDescriptor> Connect() {
  const FileDescriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  Require(bind(listener.get(), generic, size) == 0 && listen(listener.get(), 1) == 0 &&
              getsockname(listener.get(), generic, &size) == 0,
          "listening");
  FileDescriptor client(socket(AF_INET, SOCK_STREAM, 0));
  Require(connect(client.get(), generic, size) == 0, "connecting");
  return {std::move(client), FileDescriptor(accept(listener.get(), nullptr, nullptr))};
}

void Send(SSL* connection, const std::string& path) {
  const auto file = OpenFile(path, O_RDONLY);
  Require(file.ok(), "opening a file");
  std::vector<char> block(kBlockBytes);
  for (uint64_t offset = 0;;) {
    const auto got = ReadAt(*file, offset, block.data(), block.size());
    Require(got.ok(), "reading a file");
    if (*got == 0) return;
    Require(SSL_write(connection, block.data(), static_cast<int>(*got)) == static_cast<int>(*got), "sending");
    offset += *got;
  }
}

// Stores `bytes` from the connection as the product's spool does.
void Receive(SSL* connection, const std::string& path, uint64_t bytes, const std::string& digest) {
  auto spool = SpoolWriter::Open(path, bytes);
  Require(spool.ok(), "opening a spool");
  std::vector<char> block(kBlockBytes);
  while ((*spool)->committed_bytes() < bytes) {
    const int got = SSL_read(connection, block.data(), static_cast<int>(block.size()));
    Require(got > 0, "receiving");
    Require((*spool)->Append((*spool)->committed_bytes(), {block.data(), static_cast<size_t>(got)}).ok(),
            "writing");
  }
  Require((*spool)->Finish(digest).ok(), "storing");
}

// Hashes and stores a copy, as a node does with its payload and the coordinator with the next state.
void Store(const std::string& from, const std::string& to, uint64_t bytes, const std::string& digest) {
  const auto file = OpenFile(from, O_RDONLY);
  auto spool = SpoolWriter::Open(to, bytes);
  Require(file.ok() && spool.ok(), "opening a file");
  std::vector<char> block(kBlockBytes);
  while ((*spool)->committed_bytes() < bytes) {
    const auto got = ReadAt(*file, (*spool)->committed_bytes(), block.data(), block.size());
    Require(got.ok() && (*spool)->Append((*spool)->committed_bytes(), {block.data(), *got}).ok(), "copying");
  }
  Require((*spool)->Finish(digest).ok(), "storing");
}

struct Round {
  int nodes = 4;
  uint64_t bytes = 0;
  std::string directory;
  std::string source;  // stands for state and updates alike
  std::string digest;

  std::string Path(const char* what, int node) const { return absl::StrCat(directory, "/", what, "-", node); }
};

void RunNode(const Round& round, int node, const FileDescriptor& socket) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Connection connection(SSL_new(context.get()));
  SSL_set_fd(connection.get(), socket.get());
  Require(SSL_connect(connection.get()) == 1, "the handshake of a node");
  Receive(connection.get(), round.Path("state", node), round.bytes, round.digest);
  Store(round.source, round.Path("payload", node), round.bytes, round.digest);
  Send(connection.get(), round.Path("payload", node));
  SSL_shutdown(connection.get());
}

void RunCoordinator(const Round& round, int node, const FileDescriptor& socket, SSL_CTX* context) {
  const Connection connection(SSL_new(context));
  SSL_set_fd(connection.get(), socket.get());
  Require(SSL_accept(connection.get()) == 1, "the handshake of the coordinator");
  Send(connection.get(), round.source);
  Receive(connection.get(), round.Path("spool", node), round.bytes, round.digest);
}

double Run(const Round& round, SSL_CTX* context) {
  std::vector<std::pair<FileDescriptor, FileDescriptor>> sockets;
  for (int node = 0; node < round.nodes; ++node) sockets.push_back(Connect());
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int node = 0; node < round.nodes; ++node) {
    threads.emplace_back([&, node] { RunNode(round, node, sockets[node].first); });
    threads.emplace_back([&, node] { RunCoordinator(round, node, sockets[node].second, context); });
  }
  for (std::thread& thread : threads) thread.join();
  Store(round.source, round.Path("next-state", 0), round.bytes, round.digest);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  for (int node = 0; node < round.nodes; ++node) {
    for (const char* what : {"state", "payload", "spool", "next-state"})
      unlink(round.Path(what, node).c_str());
  }
  return took.count();
}

void MakeSource(Round& round) {
  round.source = round.directory + "/source";
  const std::string block(kBlockBytes, 'x');
  const auto file = OpenFile(round.source, O_RDWR | O_CREAT | O_TRUNC);
  Require(file.ok(), "making a file");
  for (uint64_t offset = 0; offset < round.bytes; offset += block.size()) {
    const size_t count = std::min<uint64_t>(block.size(), round.bytes - offset);
    Require(WriteAt(*file, offset, absl::string_view(block).substr(0, count)).ok(), "writing a file");
  }
  Require(Sync(*file).ok(), "syncing a file");
  round.digest = DigestOfFile(round.source).value();
}

}  // namespace
}  // namespace consort

int main(int argc, char** argv) {
  consort::Round round;
  CLI::App app("The least that one round can cost: TLS, SHA-256 and disk alone");
  app.add_option("--nodes", round.nodes)->check(CLI::Range(1, 256));
  app.add_option("--bytes", round.bytes)->required();
  app.add_option("--directory", round.directory)->required()->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  consort::MakeSource(round);
  const consort::Context context = consort::ServerContext();
  double best = 0;
  for (int i = 0; i < consort::kRepetitions; ++i) {
    const double seconds = consort::Run(round, context.get());
    if (i == 0 || seconds < best) best = seconds;
  }
  std::printf("{\"seconds\": %.4f}\n", best);
  return 0;
}
