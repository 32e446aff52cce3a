// C2SP tlog-witness: how a log asks a witness for a cosignature and what the witness must answer. The bodies
// are those of the HTTP protocol byte for byte, whatever carries them. Values in, values out: whoever calls
// stores the new state and syncs it before it cosigns, and lets one request at a time through.
#ifndef CONSORT_COMMON_LEDGER_WITNESS_PROTOCOL_H_
#define CONSORT_COMMON_LEDGER_WITNESS_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/crypto/digest.h"
#include "common/crypto/signing_key.h"
#include "common/ledger/checkpoint.h"

namespace consort::ledger {

inline constexpr size_t kMaxAddCheckpointBytes = 64 * 1024;

// Body of an add-checkpoint request: "old N", proof lines, a blank line, the checkpoint.
struct AddCheckpoint {
  uint64_t old_size = 0;
  std::vector<Digest> proof;  // of consistency, from old_size to the checkpoint's size
  std::string note;
};
std::string FormatAddCheckpoint(const AddCheckpoint& request);
// Errors: InvalidArgument unless FormatAddCheckpoint would spell it so and the note is a well-formed
// checkpoint.
absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(absl::string_view body);

// Body of a 409 answer: the witness's size and LF. Errors: InvalidArgument.
std::string FormatWitnessSize(uint64_t size);
absl::StatusOr<uint64_t> ParseWitnessSize(absl::string_view body);

// What a witness remembers of its log.
struct WitnessState {
  std::string origin;
  uint64_t size = 0;  // of the newest checkpoint that it accepted; 0 and the empty root before the first
  Digest root{};
  std::string note;  // that checkpoint, as the log signed it; empty before the first
};
WitnessState NewWitnessState(absl::string_view origin);
// The state as a file: the accepted note byte for byte, so that it proves itself. A new state has no file.
const std::string& WitnessStateFile(const WitnessState& state);
// Errors: DataLoss if the file is not a checkpoint of `origin` with a good signature of one of `log_keys`
// (give every key that the log ever had); never to be taken for a new state.
absl::StatusOr<WitnessState> ReadWitnessState(absl::string_view file, absl::string_view origin,
                                              absl::Span<const VerifierKey> log_keys);

// A witness's answer, and what it has to do.
struct WitnessVerdict {
  int status = 0;    // 200, 400, 403, 404, 409 or 422, as tlog-witness says
  std::string body;  // one line (409: the stored size); empty with 200
  // With 200: the state to store and sync before signing; otherwise as it was.
  WitnessState next;
  // The log itself signed what does not go with the state: keep both notes and tell people. May stand beside
  // a 409, which comes first in the protocol.
  bool is_evidence = false;
};
// Judges a request in the protocol's order: form 400, origin 404, log signature 403, old size above the new
// one 400, old size other than the stored one 409, and 422 for an empty tree with a root of its own, a proof
// where none belongs, another root at the same size, and a proof that fails.
WitnessVerdict JudgeAddCheckpoint(absl::string_view body, const WitnessState& state,
                                  absl::Span<const VerifierKey> log_keys);

// Body of a 200 answer: the witness's line over the checkpoint of `stored`, which must be durable by now.
std::string CosignatureBody(const WitnessState& stored, const SigningKey& witness_key, absl::Time when);

}  // namespace consort::ledger

#endif  // CONSORT_COMMON_LEDGER_WITNESS_PROTOCOL_H_
