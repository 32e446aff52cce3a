#include "common/ledger/compare.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/witness_protocol.h"
#include "common/status/macros.h"

namespace consort::ledger {
namespace {

struct Side {
  const char* name;
  std::string note;
  Checkpoint checkpoint;
};

absl::StatusOr<Side> Open(const char* name, absl::string_view note, absl::Span<const VerifierKey> log_keys) {
  absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(note, log_keys);
  if (opened.ok()) return Side{name, std::string(note), std::move(opened->checkpoint)};
  return absl::Status(opened.status().code(), absl::StrCat(name, ": ", opened.status().message()));
}

std::string Sizes(const Side& small, const Side& large) {
  return absl::StrCat("sizes ", small.checkpoint.size, " (", small.name, ") and ", large.checkpoint.size,
                      " (", large.name, ")");
}

std::string Notes(const Side& small, const Side& large) {
  return absl::StrCat("checkpoint ", small.name, ":\n", small.note, "\ncheckpoint ", large.name, ":\n",
                      large.note);
}

Comparison CannotTell(const Side& small, const Side& large, absl::string_view why) {
  return {Relation::kCannotTell, absl::StrCat(Sizes(small, large), ": ", why), ""};
}

Comparison OfOneSize(const Side& a, const Side& b) {
  if (a.checkpoint.root == b.checkpoint.root) {
    return {Relation::kSame, absl::StrCat("both are of one tree of size ", a.checkpoint.size), ""};
  }
  return {Relation::kSplitView,
          absl::StrCat("two roots were signed for size ", a.checkpoint.size, ": ", HexOf(a.checkpoint.root),
                       " (", a.name, ") and ", HexOf(b.checkpoint.root), " (", b.name, ")"),
          Notes(a, b)};
}

// The tree that `subtree` reads hashes to the larger checkpoint, so it is the only one that does.
absl::StatusOr<Comparison> WithinTree(const Side& small, const Side& large, const SubtreeHash& subtree) {
  ASSIGN_OR_RETURN(const Digest root, RootOf(small.checkpoint.size, subtree));
  if (root == small.checkpoint.root) {
    return Comparison{Relation::kExtends, absl::StrCat(Sizes(small, large), " are of one history"), ""};
  }
  AddCheckpoint other{small.checkpoint.size, {}, large.note};
  ASSIGN_OR_RETURN(other.proof, ConsistencyProof(small.checkpoint.size, large.checkpoint.size, subtree));
  return Comparison{
      Relation::kSplitView,
      absl::StrCat("the tree of ", large.name, " had another root at size ", small.checkpoint.size, ": ",
                   HexOf(root), ", not ", HexOf(small.checkpoint.root), " as ", small.name, " says"),
      absl::StrCat(Notes(small, large), "\nroot of ", large.name, " at size ", small.checkpoint.size, ": ",
                   HexOf(root), "\nproved by:\n", FormatAddCheckpoint(other))};
}

}  // namespace

absl::string_view RelationName(Relation relation) {
  switch (relation) {
    case Relation::kSame:
      return "same";
    case Relation::kExtends:
      return "extends";
    case Relation::kSplitView:
      return "split-view";
    case Relation::kCannotTell:
      return "cannot-tell";
  }
  return "";
}

absl::StatusOr<Comparison> CompareHistories(absl::string_view a, absl::string_view b,
                                            absl::Span<const VerifierKey> log_keys,
                                            const SubtreeHash& subtree) {
  ASSIGN_OR_RETURN(Side small, Open("a", a, log_keys));
  ASSIGN_OR_RETURN(Side large, Open("b", b, log_keys));
  if (small.checkpoint.origin != large.checkpoint.origin) {
    return absl::InvalidArgumentError(absl::StrCat("checkpoints are of two logs: ", small.checkpoint.origin,
                                                   " and ", large.checkpoint.origin));
  }
  if (small.checkpoint.size > large.checkpoint.size) std::swap(small, large);
  if (small.checkpoint.size == large.checkpoint.size) return OfOneSize(small, large);
  if (small.checkpoint.size == 0) {
    // No entries are needed to know the only root of none.
    if (small.checkpoint.root == EmptyRoot())
      return Comparison{Relation::kExtends, absl::StrCat(Sizes(small, large), " are of one history"), ""};
    return Comparison{Relation::kSplitView,
                      absl::StrCat(small.name, " gives an empty tree a root of its own"),
                      Notes(small, large)};
  }
  if (subtree == nullptr)
    return CannotTell(small, large, "give the folder with the entries of the larger one");
  const absl::StatusOr<Digest> root = RootOf(large.checkpoint.size, subtree);
  if (!root.ok())
    return CannotTell(small, large,
                      absl::StrCat("the folder has not all entries: ", root.status().message()));
  if (*root != large.checkpoint.root) {
    return CannotTell(small, large, "the folder's entries are not those of the larger one");
  }
  const absl::StatusOr<Comparison> found = WithinTree(small, large, subtree);
  if (!found.ok()) return CannotTell(small, large, found.status().message());
  return found;
}

}  // namespace consort::ledger
