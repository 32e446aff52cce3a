#include "common/ledger/witness_protocol.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/merkle_tree.h"
#include "common/ledger/note.h"
#include "common/ledger/proof_lines.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("add-checkpoint request is malformed: ", what));
}

WitnessVerdict Refuse(int status, absl::string_view why, const WitnessState& state,
                      bool is_evidence = false) {
  return {status, absl::StrCat(why, "\n"), state, is_evidence};
}

// What is wrong with `asked` after a state of the same size or smaller; empty if nothing is. `is_evidence`:
// the checkpoint is to blame, not the request around it.
struct Fault {
  std::string why;
  bool is_evidence = false;
};
Fault FindFault(const AddCheckpoint& request, const Checkpoint& asked, const WitnessState& state) {
  if (asked.size == 0 && asked.root != EmptyRoot()) return {"an empty tree has another root", true};
  if (asked.size == state.size && asked.root != state.root) {
    return {absl::StrCat("another root was cosigned at size ", state.size), true};
  }
  if ((state.size == 0 || asked.size == state.size) && !request.proof.empty())
    return {"a proof where none belongs", false};
  const absl::Status proved =
      VerifyConsistency(state.size, state.root, asked.size, asked.root, request.proof);
  if (proved.ok()) return {};
  return {absl::StrCat("not proved to go on from size ", state.size, ": ", proved.message()), true};
}

}  // namespace

std::string FormatAddCheckpoint(const AddCheckpoint& request) {
  return absl::StrCat("old ", request.old_size, "\n", SpellHashes(request.proof), "\n", request.note);
}

absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(absl::string_view body) {
  if (body.size() > kMaxAddCheckpointBytes) return Malformed("it is too large");
  AddCheckpoint request;
  ASSIGN_OR_RETURN(absl::string_view line, TakeLine(body));
  if (!absl::ConsumePrefix(&line, "old ")) return Malformed("expected the old size first");
  ASSIGN_OR_RETURN(request.old_size, ParseDecimal(line));
  std::vector<absl::string_view> hashes;
  for (;;) {
    ASSIGN_OR_RETURN(line, TakeLine(body));
    if (line.empty()) break;
    if (hashes.size() == kMaxProofHashes) return Malformed("its proof is too long");
    hashes.push_back(line);
  }
  ASSIGN_OR_RETURN(request.proof, ParseHashes(hashes));
  RETURN_IF_ERROR(ReadCheckpoint(body).status());
  request.note = std::string(body);
  return request;
}

std::string FormatWitnessSize(uint64_t size) { return absl::StrCat(size, "\n"); }

absl::StatusOr<uint64_t> ParseWitnessSize(absl::string_view body) {
  ASSIGN_OR_RETURN(const absl::string_view line, TakeLine(body));
  if (!body.empty()) return absl::InvalidArgumentError("size has more than one line");
  return ParseDecimal(line);
}

WitnessState NewWitnessState(absl::string_view origin) { return {std::string(origin), 0, EmptyRoot(), ""}; }

const std::string& WitnessStateFile(const WitnessState& state) { return state.note; }

absl::StatusOr<WitnessState> ReadWitnessState(absl::string_view file, absl::string_view origin,
                                              absl::Span<const VerifierKey> log_keys) {
  const absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(file, log_keys);
  if (!opened.ok()) {
    return absl::DataLossError(absl::StrCat("witness state cannot be trusted; restore it, do not delete it: ",
                                            opened.status().message()));
  }
  const Checkpoint& checkpoint = opened->checkpoint;
  if (checkpoint.origin != origin) {
    return absl::DataLossError(
        absl::StrCat("witness state is of another log: ", checkpoint.origin, ", expected ", origin));
  }
  return WitnessState{checkpoint.origin, checkpoint.size, checkpoint.root, std::string(file)};
}

WitnessVerdict JudgeAddCheckpoint(absl::string_view body, const WitnessState& state,
                                  absl::Span<const VerifierKey> log_keys) {
  const absl::StatusOr<AddCheckpoint> request = ParseAddCheckpoint(body);
  if (!request.ok()) return Refuse(400, request.status().message(), state);
  const Checkpoint asked = ReadCheckpoint(request->note).value();
  if (asked.origin != state.origin) return Refuse(404, "this witness does not follow that log", state);
  const auto opened = OpenCheckpoint(request->note, log_keys);
  if (!opened.ok()) return Refuse(403, opened.status().message(), state);
  if (request->old_size > asked.size)
    return Refuse(400, "the old size is larger than the checkpoint's", state);
  if (request->old_size != state.size) {
    const bool forks = asked.size == state.size && asked.root != state.root;
    return {409, FormatWitnessSize(state.size), state, forks};
  }
  const Fault fault = FindFault(*request, asked, state);
  if (!fault.why.empty()) return Refuse(422, fault.why, state, fault.is_evidence);
  return {200, "", WitnessState{asked.origin, asked.size, asked.root, request->note}, false};
}

std::string CosignatureBody(const WitnessState& stored, const SigningKey& witness_key, absl::Time when) {
  const Checkpoint checkpoint{stored.origin, stored.size, stored.root};
  return CosignatureLine(checkpoint.Text(), witness_key, when);
}

}  // namespace consort::ledger
