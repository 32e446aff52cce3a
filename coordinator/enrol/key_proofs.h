// Checks that whoever enrols an archive holds the private keys it submits.
#ifndef CONSORT_COORDINATOR_ENROL_KEY_PROOFS_H_
#define CONSORT_COORDINATOR_ENROL_KEY_PROOFS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/signing_key.h"
#include "consort/v1/enrolment.pb.h"

namespace consort::coordinator {

struct ArchiveKeys {
  VerifierKey entries;
  VerifierKey mirror;  // algorithm 04
  VerifierKey approval;
};

// Errors: InvalidArgument unless `keys` are exactly one key for each purpose, all different, each with a good
// proof for this name and token.
absl::StatusOr<ArchiveKeys> CheckKeyProofs(const google::protobuf::RepeatedPtrField<v1::KeyProof>& keys,
                                           absl::string_view federation, absl::string_view name,
                                           absl::string_view token_sha256);

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_ENROL_KEY_PROOFS_H_
