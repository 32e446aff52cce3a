#include "node/trainer/families/described_repertoire.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "node/trainer/families/mixture_state.h"

namespace consort::trainer {
namespace {

constexpr int kRate = 44100;
constexpr int64_t kPieceSeconds = 600;  // described at once; bounds the memory that a long recording takes

// Where segments of the traditions are to be found: recordings in pieces.
struct Piece {
  size_t entry = 0;
  size_t tradition = 0;
  int64_t begin = 0;
};

std::vector<Piece> PiecesOf(const std::vector<Repertoire::Entry>& entries,
                            const std::vector<std::string>& traditions) {
  std::vector<Piece> pieces;
  for (size_t entry = 0; entry < entries.size(); ++entry) {
    const auto found = std::find(traditions.begin(), traditions.end(), entries[entry].tradition);
    if (found == traditions.end()) continue;
    for (int64_t begin = 0; begin < entries[entry].samples; begin += kPieceSeconds * kRate) {
      pieces.push_back({entry, static_cast<size_t>(found - traditions.begin()), begin});
    }
  }
  // Every n-th piece of an archive that has more than a sum may hold.
  const size_t most = kMostSegments / kPieceSeconds;
  const size_t stride = (pieces.size() + most - 1) / std::max<size_t>(most, 1);
  if (stride <= 1) return pieces;
  std::vector<Piece> chosen;
  for (size_t i = 0; i < pieces.size(); i += stride) chosen.push_back(pieces[i]);
  return chosen;
}

absl::StatusOr<std::vector<SegmentPoint>> Describe(Repertoire& repertoire, const Piece& piece,
                                                   SegmentCache& cache) {
  const std::string& identity = repertoire.entries()[piece.entry].identity;
  if (auto known = cache.Find(identity, piece.begin); known.has_value()) return *std::move(known);
  ASSIGN_OR_RETURN(const std::vector<float> audio,
                   repertoire.Read(piece.entry, piece.begin, kPieceSeconds * kRate));
  if (audio.empty()) return std::vector<SegmentPoint>();
  ASSIGN_OR_RETURN(std::vector<SegmentPoint> found, DescribeSegments(audio, kRate));
  cache.Insert(identity, piece.begin, found);
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::vector<SegmentPoint>>> DescribeRepertoire(
    const FitContext& context, const std::vector<std::string>& traditions, SegmentCache& cache) {
  const std::vector<Piece> pieces = PiecesOf(context.repertoire.entries(), traditions);
  std::vector<std::vector<SegmentPoint>> points(traditions.size());
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (context.stop) return absl::CancelledError("stopped while describing recordings");
    ASSIGN_OR_RETURN(const std::vector<SegmentPoint> found, Describe(context.repertoire, pieces[i], cache));
    if (!found.empty()) context.repertoire.Heard(pieces[i].entry, found.size());
    auto& of_tradition = points[pieces[i].tradition];
    of_tradition.insert(of_tradition.end(), found.begin(), found.end());
    if (context.progress) {
      context.progress(static_cast<int>(i + 1), static_cast<int>(pieces.size()), 0);
    }
  }
  return points;
}

}  // namespace consort::trainer
