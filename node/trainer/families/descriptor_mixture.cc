#include "node/trainer/families/descriptor_mixture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/random/seeded_random.h"
#include "common/status/macros.h"
#include "node/trainer/families/mixture_description.h"
#include "node/trainer/families/mixture_state.h"
#include "node/trainer/families/segment_cache.h"
#include "node/trainer/families/segment_descriptors.h"
#include "node/trainer/families/unit_path.h"

namespace consort::trainer {
namespace {

constexpr int kRate = 44100;
constexpr int64_t kPieceSeconds = 600;  // described at once; bounds the memory that a long recording takes
constexpr int kDefaultComponents = 4;

using Mixtures = std::vector<std::vector<MixtureComponent>>;  // by tradition

absl::Status NotOffered(absl::string_view what) {
  return absl::UnimplementedError(
      absl::StrCat("not-offered: descriptor-mixture holds no sound and so cannot ", what));
}

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

class DescriptorMixtureModel final : public FamilyModel {
 public:
  // `cache`: borrowed. `examples`: null if there are none.
  DescriptorMixtureModel(MixtureState state, uint64_t seed, SegmentCache& cache,
                         std::shared_ptr<const ExampleLibrary> examples = nullptr,
                         std::vector<MixtureComponent> voice = {})
      : state_(std::move(state)),
        seed_(seed),
        cache_(cache),
        mixtures_(MixturesOf(state_)),
        examples_(std::move(examples)),
        voice_(std::move(voice)) {}

  absl::StatusOr<Fitted> Fit(const FitContext& context) override {
    ASSIGN_OR_RETURN(const auto points, DescribeRepertoire(context));
    Fitted fitted;
    for (const auto& of_tradition : points) fitted.windows += of_tradition.size();
    if (fitted.windows == 0) {
      return absl::FailedPreconditionError(
          "no-usable-recording: no second of the job's traditions sounds; add recordings or check their "
          "levels");
    }
    fitted.first_loss = LossOf(points);
    MixtureState counted(state_.traditions(), state_.components());
    for (size_t t = 0; t < points.size(); ++t) {
      std::vector<MixtureComponent> mixture = mixtures_[t];
      MoveApart(mixture, SeedFrom({absl::StrCat(seed_), state_.traditions()[t]}));
      Accumulate(mixture, points[t], counted.at(t));
    }
    state_ = std::move(counted);
    mixtures_ = MixturesOf(state_);
    fitted.last_loss = LossOf(points);
    fitted.statistics = state_.Values();
    return fitted;
  }

  absl::StatusOr<std::vector<float>> Encode(absl::Span<const float> audio) override {
    ASSIGN_OR_RETURN(const std::vector<SegmentPoint> points, DescribeSegments(audio, kRate));
    std::vector<float> latents(kSegmentDescriptors * points.size());
    for (size_t i = 0; i < points.size(); ++i) {
      for (int d = 0; d < kSegmentDescriptors; ++d) {
        latents[d * points.size() + i] = std::isnan(points[i][d]) ? 0 : points[i][d];
      }
    }
    return latents;
  }

  absl::StatusOr<std::vector<float>> Reconstruct(absl::Span<const float> audio) override {
    if (examples_ == nullptr) return NotOffered("say a recording again");
    ASSIGN_OR_RETURN(const std::vector<PlacedSegment> segments, PlaceSegments(audio, kRate));
    std::vector<std::optional<Wanted>> wanted((audio.size() + kRate - 1) / kRate);
    for (const PlacedSegment& segment : segments) {
      wanted[segment.second] = WantedLike({segment.point}, mixtures_).front();
    }
    ASSIGN_OR_RETURN(const UnitPath path, ChoosePath(*examples_, wanted));
    std::vector<float> joined = JoinUnits(*examples_, path);
    joined.resize(audio.size());
    return joined;
  }

  absl::StatusOr<std::vector<float>> Generate(double seconds, uint64_t seed) override {
    if (examples_ == nullptr || voice_.empty()) return NotOffered("make audio");
    const auto whole = static_cast<int64_t>(std::ceil(seconds));
    ASSIGN_OR_RETURN(const UnitPath path, ChoosePath(*examples_, DrawWalk(voice_, whole, seed)));
    std::vector<float> joined = JoinUnits(*examples_, path);
    joined.resize(std::min(joined.size(), static_cast<size_t>(std::llround(seconds * kRate))));
    return joined;
  }

  const std::vector<std::string>& classes() const override { return state_.traditions(); }

  absl::StatusOr<std::vector<double>> Classify(absl::Span<const float> audio) override {
    ASSIGN_OR_RETURN(const std::vector<SegmentPoint> points, DescribeSegments(audio, kRate));
    std::vector<double> probabilities(mixtures_.size());
    double total = 0;
    for (const SegmentPoint& point : points) {
      const std::vector<double> posterior = Posterior(point);
      for (size_t t = 0; t < posterior.size(); ++t) {
        probabilities[t] += posterior[t];
        total += posterior[t];
      }
    }
    for (double& probability : probabilities) {
      probability = total > 0 ? probability / total : 1.0 / static_cast<double>(probabilities.size());
    }
    return probabilities;
  }

  std::vector<Segment> segments() const override {
    return MixtureState::Segments(state_.traditions(), state_.components());
  }

  absl::StatusOr<std::string> Describe() const override { return DescribeMixtures(state_, mixtures_); }
  absl::StatusOr<std::string> SaveState(const Metadata& metadata) const override {
    return state_.Save(metadata);
  }
  absl::StatusOr<std::string> Export(const Metadata& metadata) const override {
    return state_.Save(metadata);
  }

 private:
  // The segments of each tradition.
  absl::StatusOr<std::vector<std::vector<SegmentPoint>>> DescribeRepertoire(const FitContext& context) const {
    const std::vector<Piece> pieces = PiecesOf(context.repertoire.entries(), state_.traditions());
    std::vector<std::vector<SegmentPoint>> points(state_.traditions().size());
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (context.stop) return absl::CancelledError("stopped while describing recordings");
      ASSIGN_OR_RETURN(const std::vector<SegmentPoint> found, Describe(context.repertoire, pieces[i]));
      if (!found.empty()) context.repertoire.Heard(pieces[i].entry, found.size());
      auto& of_tradition = points[pieces[i].tradition];
      of_tradition.insert(of_tradition.end(), found.begin(), found.end());
      if (context.progress) {
        context.progress(static_cast<int>(i + 1), static_cast<int>(pieces.size()), 0);
      }
    }
    return points;
  }

  // What a piece is like depends on its audio alone, so it is described once for all rounds and jobs.
  absl::StatusOr<std::vector<SegmentPoint>> Describe(Repertoire& repertoire, const Piece& piece) const {
    const std::string& identity = repertoire.entries()[piece.entry].identity;
    if (auto known = cache_.Find(identity, piece.begin); known.has_value()) return *std::move(known);
    ASSIGN_OR_RETURN(const std::vector<float> audio,
                     repertoire.Read(piece.entry, piece.begin, kPieceSeconds * kRate));
    if (audio.empty()) return std::vector<SegmentPoint>();
    ASSIGN_OR_RETURN(std::vector<SegmentPoint> found, DescribeSegments(audio, kRate));
    cache_.Insert(identity, piece.begin, found);
    return found;
  }

  // Minus the mean log-likelihood of a segment; 0 before anything is learnt.
  double LossOf(const std::vector<std::vector<SegmentPoint>>& points) const {
    double sum = 0;
    int64_t count = 0;
    for (size_t t = 0; t < points.size(); ++t) {
      if (mixtures_[t].empty()) continue;
      for (const SegmentPoint& point : points[t]) sum -= LogDensity(mixtures_[t], point);
      count += static_cast<int64_t>(points[t].size());
    }
    return count == 0 ? 0 : sum / static_cast<double>(count);
  }

  std::vector<double> Posterior(const SegmentPoint& point) const {
    std::vector<double> logarithms(mixtures_.size(), -INFINITY);
    for (size_t t = 0; t < mixtures_.size(); ++t) {
      if (!mixtures_[t].empty()) logarithms[t] = LogDensity(mixtures_[t], point);
    }
    const double largest = *std::max_element(logarithms.begin(), logarithms.end());
    if (!std::isfinite(largest)) return std::vector<double>(mixtures_.size());
    double total = 0;
    for (double& value : logarithms) total += value = std::exp(value - largest);
    for (double& value : logarithms) value /= total;
    return logarithms;
  }

  MixtureState state_;
  uint64_t seed_;
  SegmentCache& cache_;
  Mixtures mixtures_;  // the maximum of state_
  std::shared_ptr<const ExampleLibrary> examples_;
  std::vector<MixtureComponent> voice_;  // of the tradition that Generate walks through
};

// What recordings are like, for as long as the program runs.
SegmentCache& Remembered() {
  static SegmentCache& cache = *new SegmentCache;
  return cache;
}

class DescriptorMixtureFamily final : public Family {
 public:
  const ArchitectureFacts& facts() const override { return facts_; }

  absl::Status Check(const FamilyTerms& terms) const override {
    if (terms.traditions.empty()) {
      return absl::InvalidArgumentError("wrong-job: descriptor-mixture needs at least one tradition");
    }
    if (terms.model.components < 1 || terms.model.components > kMostComponents) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: model.components must be 1 to ",
                                                     kMostComponents, " for descriptor-mixture, got ",
                                                     terms.model.components));
    }
    if (terms.adaptation.rank != 0 || !terms.adaptation.frozen.empty()) {
      return absl::InvalidArgumentError(
          "wrong-job: descriptor-mixture has no weights that adapters or freezing "
          "could apply to; leave out adaptation");
    }
    if (terms.update.cohort_bound > kMostArchives) {
      return absl::InvalidArgumentError(absl::StrCat("wrong-job: descriptor-mixture sums at most ",
                                                     kMostArchives, " archives, the job allows ",
                                                     terms.update.cohort_bound));
    }
    return absl::OkStatus();
  }

  int Turns(const FamilyTerms&) const override { return 1; }

  absl::StatusOr<std::unique_ptr<FamilyModel>> Load(const FamilyTerms& terms, uint32_t,
                                                    absl::string_view base,
                                                    absl::string_view state) const override {
    RETURN_IF_ERROR(Check(terms));
    const absl::string_view file = state.empty() ? base : state;
    if (file.empty()) {
      return std::make_unique<DescriptorMixtureModel>(MixtureState(terms.traditions, terms.model.components),
                                                      terms.seed, Remembered());
    }
    ASSIGN_OR_RETURN(MixtureState parsed,
                     MixtureState::Parse(terms.traditions, terms.model.components, file));
    return std::make_unique<DescriptorMixtureModel>(std::move(parsed), terms.seed, Remembered());
  }

 private:
  const ArchitectureFacts facts_ = {.name = "descriptor-mixture",
                                    .sample_rate_hz = kRate,
                                    .hop = kRate,
                                    .latent_size = kSegmentDescriptors,
                                    .min_window = kRate,
                                    .makes_audio = false,
                                    .classifies = true,
                                    .defaults = {.components = kDefaultComponents}};
};

}  // namespace

const Family& DescriptorMixture() {
  static const DescriptorMixtureFamily family;
  return family;
}

std::vector<std::vector<MixtureComponent>> MixturesOf(const MixtureState& state) {
  Mixtures mixtures;
  for (size_t t = 0; t < state.traditions().size(); ++t) mixtures.push_back(Maximise(state.at(t)));
  return mixtures;
}

absl::StatusOr<std::vector<MixtureComponent>> KnownMixture(const MixtureState& state,
                                                           const std::string& tradition) {
  const Mixtures mixtures = MixturesOf(state);
  const std::vector<std::string>& names = state.traditions();
  const auto found = std::find(names.begin(), names.end(), tradition);
  if (!tradition.empty() && found == names.end()) {
    return absl::InvalidArgumentError(absl::StrCat("unknown-tradition: this model knows ",
                                                   absl::StrJoin(names, ", "), "; asked for ", tradition));
  }
  for (size_t t = 0; t < mixtures.size(); ++t) {
    const bool asked = tradition.empty() || names[t] == tradition;
    if (asked && !mixtures[t].empty())
      return tradition.empty() ? std::vector<MixtureComponent>() : mixtures[t];
  }
  return absl::FailedPreconditionError(absl::StrCat("nothing-learnt: this model has heard nothing of ",
                                                    tradition.empty() ? "any tradition" : tradition,
                                                    "; take the state of a later round"));
}

absl::StatusOr<std::unique_ptr<FamilyModel>> MixtureWithExamples(
    MixtureState state, std::shared_ptr<const ExampleLibrary> examples, const std::string& tradition) {
  ASSIGN_OR_RETURN(std::vector<MixtureComponent> voice, KnownMixture(state, tradition));
  return std::make_unique<DescriptorMixtureModel>(std::move(state), /*seed=*/0, Remembered(),
                                                  std::move(examples), std::move(voice));
}

}  // namespace consort::trainer
