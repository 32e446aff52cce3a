#include "common/crypto/random.h"

#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>

#include "common/crypto/digest.h"

namespace consort {

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    std::fputs("the operating system gave no random bytes; no key or token can be made\n", stderr);
    std::abort();
  }
  return bytes;
}

std::string RandomId() { return HexEncode(RandomBytes(16)); }

}  // namespace consort
