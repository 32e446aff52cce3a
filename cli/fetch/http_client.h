// Files from a web server, each bounded in size and time.
#ifndef CONSORT_CLI_FETCH_HTTP_CLIENT_H_
#define CONSORT_CLI_FETCH_HTTP_CLIENT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace consort::cli {

// http and https only, also after a redirection; certificates are checked as this system does; the proxy that
// the environment names is used. One connection, kept. Not thread-safe.
class HttpClient {
 public:
  // Errors: Internal if the library cannot start.
  static absl::StatusOr<std::unique_ptr<HttpClient>> Create();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // While it answers true, a transfer goes on; asked about once a second.
  void set_goes_on(std::function<bool()> goes_on);

  // The body of a file that is there. Errors: NotFound for status 404 and 410; InvalidArgument for a URL of
  // another protocol; ResourceExhausted past `max_bytes`; Cancelled; Unavailable otherwise, with the reason.
  absl::StatusOr<std::string> Get(const std::string& url, size_t max_bytes);

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace consort::cli

#endif  // CONSORT_CLI_FETCH_HTTP_CLIENT_H_
