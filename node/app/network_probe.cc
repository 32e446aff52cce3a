#include "node/app/network_probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace consort::node {
namespace {

constexpr size_t kMaxProxyAnswer = 4096;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> LookUp(const std::string& host, const char* port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port, &hints, &found);
  if (error != 0)
    return absl::NotFoundError(absl::StrCat("no address for the name: ", gai_strerror(error), ": ", host));
  return Addresses(found, &freeaddrinfo);
}

// Waits for a connection that was started. Returns 0 or what went wrong.
int AwaitConnection(int descriptor) {
  pollfd wait = {descriptor, POLLOUT, 0};
  const int ready = poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(kProbeWithin)));
  if (ready == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof(error);
  if (ready < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

}  // namespace

absl::StatusOr<std::pair<std::string, std::string>> SplitAddress(absl::string_view address) {
  address = absl::StripPrefix(address, "http://");
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(absl::StrCat("an address must be HOST:PORT: ", address));
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) host = host.substr(1, host.size() - 2);
  return std::make_pair(std::string(host), std::string(address.substr(colon + 1)));
}

absl::StatusOr<std::string> Resolve(const std::string& host) {
  ASSIGN_OR_RETURN(const Addresses addresses, LookUp(host, nullptr));
  std::set<std::string> texts;
  for (const addrinfo* entry = addresses.get(); entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) == 0) {
      texts.insert(text);
    }
  }
  return absl::StrJoin(texts, " ");
}

absl::StatusOr<FileDescriptor> ConnectTcp(const std::string& address) {
  ASSIGN_OR_RETURN(const auto parts, SplitAddress(address));
  ASSIGN_OR_RETURN(const Addresses addresses, LookUp(parts.first, parts.second.c_str()));
  int problem = EHOSTUNREACH;
  for (const addrinfo* entry = addresses.get(); entry != nullptr; entry = entry->ai_next) {
    FileDescriptor connection(socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (connection.get() < 0) continue;
    problem = connect(connection.get(), entry->ai_addr, entry->ai_addrlen) == 0 ? 0 : errno;
    if (problem == EINPROGRESS) problem = AwaitConnection(connection.get());
    if (problem != 0) continue;
    const timeval limit = absl::ToTimeval(kProbeWithin);
    fcntl(connection.get(), F_SETFL, 0);  // blocking from here on, within the limits below
    setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return connection;
  }
  return absl::UnavailableError(absl::StrCat("no connection: ", std::strerror(problem), ": ", address));
}

absl::Status AskProxy(const FileDescriptor& connection, const std::string& address) {
  const std::string request = absl::StrCat("CONNECT ", address, " HTTP/1.1\r\nHost: ", address, "\r\n\r\n");
  if (write(connection.get(), request.data(), request.size()) != static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError(absl::StrCat("the proxy does not take a request: ", std::strerror(errno)));
  }
  std::string answer;
  // Byte by byte: what follows the blank line belongs to TLS.
  for (char c; !absl::EndsWith(answer, "\r\n\r\n") && answer.size() < kMaxProxyAnswer;) {
    if (read(connection.get(), &c, 1) != 1)
      return absl::UnavailableError("the proxy closed or did not answer in time");
    answer.push_back(c);
  }
  const absl::string_view line = absl::string_view(answer).substr(0, answer.find('\r'));
  if (absl::StartsWith(line, "HTTP/1.") && absl::StrContains(line, " 200")) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the proxy refuses: ", line));
}

}  // namespace consort::node
