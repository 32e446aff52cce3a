// Secret random bytes from the operating system through OpenSSL.
#ifndef CONSORT_COMMON_CRYPTO_RANDOM_H_
#define CONSORT_COMMON_CRYPTO_RANDOM_H_

#include <cstddef>
#include <string>

namespace consort {

// Returns `count` bytes fit for keys and tokens. Ends the process if the generator fails: no caller could
// go on safely.
std::string RandomBytes(size_t count);

// 128 random bits as 32 lower-case hex digits: round ids, participation ids, session ids.
std::string RandomId();

}  // namespace consort

#endif  // CONSORT_COMMON_CRYPTO_RANDOM_H_
