#include "tests/support/http_get.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/loopback.h"

namespace consort::testing {
namespace {

constexpr timeval kReadLimit = {10, 0};

}  // namespace

std::string HttpGet(int port, const std::string& path) {
  const int descriptor = ConnectToLoopback(port);
  if (descriptor < 0) return "";
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kReadLimit, sizeof(kReadLimit));
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
  send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  char block[4096];
  for (ssize_t got; (got = recv(descriptor, block, sizeof(block), 0)) > 0;) {
    answer.append(block, static_cast<size_t>(got));
  }
  close(descriptor);
  const size_t body = answer.find("\r\n\r\n");
  const bool found = absl::StrContains(answer.substr(0, answer.find("\r\n")), " 200");
  return found && body != std::string::npos ? answer.substr(body + 4) : "";
}

std::string UrlEncode(const std::string& text) {
  std::string encoded;
  for (const unsigned char c : text) {
    if (absl::ascii_isalnum(c)) {
      encoded += static_cast<char>(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", c);
    }
  }
  return encoded;
}

}  // namespace consort::testing
