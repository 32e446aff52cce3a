// The smallest HTTP client: for servers that a test runs on loopback.
#ifndef CONSORT_TESTS_SUPPORT_HTTP_GET_H_
#define CONSORT_TESTS_SUPPORT_HTTP_GET_H_

#include <string>

namespace consort::testing {

// The body of the answer to GET http://127.0.0.1:PORT/PATH; empty when nobody answers or the status is not
// 200. `path` begins with "/" and is sent as it is.
std::string HttpGet(int port, const std::string& path);

// `text` as the value of a query's parameter.
std::string UrlEncode(const std::string& text);

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_HTTP_GET_H_
