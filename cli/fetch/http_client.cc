#include "cli/fetch/http_client.h"

#include <curl/curl.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace consort::cli {
namespace {

constexpr long kConnectSeconds = 15;
constexpr long kSilentSeconds = 30;  // a server that sends nothing for so long is given up
constexpr long kMaxRedirections = 3;
constexpr char kProtocols[] = "http,https";

struct Body {
  std::string bytes;
  size_t max_bytes = 0;
  bool too_long = false;
};

size_t TakeBytes(char* data, size_t size, size_t count, void* target) {
  Body& body = *static_cast<Body*>(target);
  const size_t bytes = size * count;
  body.too_long = bytes > body.max_bytes - body.bytes.size();
  if (body.too_long) return 0;  // ends the transfer
  body.bytes.append(data, bytes);
  return bytes;
}

}  // namespace

struct HttpClient::State {
  CURL* handle = nullptr;
  std::function<bool()> goes_on;

  ~State() { curl_easy_cleanup(handle); }

  static int OnProgress(void* state, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& goes_on = static_cast<State*>(state)->goes_on;
    return goes_on == nullptr || goes_on() ? 0 : 1;
  }
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::Create() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  auto state = std::make_unique<State>();
  if (started) state->handle = curl_easy_init();
  CURL* const handle = state->handle;
  if (handle == nullptr) return absl::InternalError("libcurl does not start");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, kProtocols);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, kMaxRedirections);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "consort");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &TakeBytes);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &State::OnProgress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, state.get());
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

void HttpClient::set_goes_on(std::function<bool()> goes_on) { state_->goes_on = std::move(goes_on); }

absl::StatusOr<std::string> HttpClient::Get(const std::string& url, size_t max_bytes) {
  Body body;
  body.max_bytes = max_bytes;
  CURL* const handle = state_->handle;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(handle);
  if (body.too_long)
    return absl::ResourceExhaustedError(absl::StrCat("file is longer than ", max_bytes, " bytes: ", url));
  if (result == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError("interrupted");
  if (result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_URL_MALFORMAT)
    return absl::InvalidArgumentError(absl::StrCat("only http:// and https:// addresses are fetched: ", url));
  if (result != CURLE_OK)
    return absl::UnavailableError(absl::StrCat("cannot fetch ", url, ": ", curl_easy_strerror(result)));
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status == 200) return std::move(body.bytes);
  if (status == 404 || status == 410)
    return absl::NotFoundError(absl::StrCat("the server has no such file: ", url));
  return absl::UnavailableError(absl::StrCat("the server answers with status ", status, ": ", url));
}

}  // namespace consort::cli
