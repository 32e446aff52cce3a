#include "node/trainer/engine.h"

#include <spdlog/spdlog.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/status/macros.h"
#include "node/trainer/audio/wav_file.h"
#include "node/trainer/collection/collection.h"
#include "node/trainer/collection/use_log.h"
#include "node/trainer/engine/checkpoint_key.h"
#include "node/trainer/engine/holdout_evaluation.h"
#include "node/trainer/engine/job_terms.h"
#include "node/trainer/engine/kept_files.h"
#include "node/trainer/engine/personal_copy.h"
#include "node/trainer/engine/round_terms.h"
#include "node/trainer/engine/round_training.h"
#include "node/trainer/engine/supply.h"
#include "node/trainer/engine/training_choice.h"
#include "node/trainer/families/registry.h"
#include "node/trainer/models/compute_threads.h"

namespace consort::trainer {
namespace {

constexpr char kVersion[] = CONSORT_VERSION;
constexpr int kSampleRateHz = 44100;  // at which recordings are heard: that of every architecture so far
constexpr double kMaxRenderSeconds = 120;

absl::Status NoUsableRecording() {
  return absl::FailedPreconditionError(
      "no-usable-recording: this archive has nothing that this job can be trained on; run `consort-node "
      "doctor` to "
      "see what is wrong with its recordings");
}

class LocalEngine final : public Engine {
 public:
  LocalEngine(const EngineConfig& config, int threads, std::unique_ptr<Collection> collection)
      : config_(config),
        threads_(threads),
        collection_(std::move(collection)),
        use_log_(config.state_directory + "/use.jsonl") {}

  absl::Status Scan(const Stop& stop) override {
    return collection_ == nullptr ? absl::OkStatus() : collection_->Scan(stop);
  }

  v1::DescribeResponse Describe() const override {
    v1::DescribeResponse response;
    response.set_trainer_version(kVersion);
    for (const std::string& name : FamilyNames()) response.add_architectures(name);
    response.set_threads(threads_);
    response.set_has_recordings(collection_ != nullptr);
    if (collection_ == nullptr) return response;
    std::vector<const Recording*> training, holdout;
    for (const Recording& recording : collection_->recordings()) {
      (recording.split == Split::kHoldout ? holdout : training).push_back(&recording);
    }
    for (v1::TraditionSupply& supply : SuppliesOf(training, holdout))
      *response.add_supplies() = std::move(supply);
    for (const Problem& problem : collection_->problems()) {
      v1::RecordingProblem& entry = *response.add_problems();
      entry.set_recording_id(problem.recording_id);
      entry.set_code(problem.code);
    }
    return response;
  }

  absl::StatusOr<Prepared> Prepare(const v1::JobSpec& spec, absl::string_view base) override {
    ASSIGN_OR_RETURN(const JobTerms terms, ReadJobTerms(spec));
    Prepared prepared;
    for (int turn = 1; turn <= terms.family->Turns(terms.model); ++turn) {
      ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                       terms.family->Load(terms.model, static_cast<uint32_t>(turn), base, /*state=*/{}));
      ASSIGN_OR_RETURN(const Manifest manifest, ManifestFor(terms, *model));
      prepared.manifests.push_back(manifest.json());
      if (turn > 1) continue;
      ASSIGN_OR_RETURN(prepared.state, model->SaveState({{"consort.architecture", spec.architecture()}}));
    }
    if (const uint32_t last = terms.model.analysis_round; last > 0) {
      ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                       terms.family->Load(terms.model, last, base, prepared.state));
      ASSIGN_OR_RETURN(const Manifest manifest, ManifestFor(terms, *model));
      prepared.last_manifest = manifest.json();
    }
    return prepared;
  }

  absl::StatusOr<v1::PlanResponse> Plan(const v1::JobSpec& spec) override {
    RETURN_IF_ERROR(ReadJobTerms(spec).status());
    ASSIGN_OR_RETURN(const TrainingChoice::Choice choice, ChooseTraining(spec));
    v1::PlanResponse response;
    response.set_trainer_version(kVersion);
    for (v1::TraditionSupply& supply :
         SuppliesOf(choice.recordings, SelectRecordings(*collection_, spec, Split::kHoldout))) {
      *response.add_supplies() = std::move(supply);
    }
    for (std::string& line : CountProblems(collection_->problems())) response.add_excluded(std::move(line));
    return response;
  }

  absl::StatusOr<v1::TrainResult> Train(const v1::JobSpec& spec, const v1::TrainHeader& header,
                                        absl::string_view base, absl::string_view state,
                                        const Progress& progress, const TakeValues& values,
                                        const Stop& stop) override {
    if (header.round_number() == 0) {
      return absl::InvalidArgumentError("wrong-request: rounds count from 1, found 0");
    }
    ASSIGN_OR_RETURN(JobTerms terms, ReadJobTerms(spec));
    const bool trains = header.round_number() != terms.model.analysis_round;
    // No round comes after it that losses could weigh archives for.
    if (!trains) {
      terms.needs_losses = false;
      terms.validation_percent = 0;
    }
    ASSIGN_OR_RETURN(const TrainingChoice::Choice choice, ChooseTraining(spec));
    ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                     terms.family->Load(terms.model, header.round_number(), base, state));
    RETURN_IF_ERROR(CheckManifest(terms, *model, header.manifest()));
    RETURN_IF_ERROR(use_log_.AppendReasons(header.round_id(), choice.reasons));
    RoundMaterial material = {*collection_, choice.recordings, spec.purpose(), use_log_, header.round_id()};
    for (const v1::TraditionWeight& weight : header.traditions()) {
      material.tradition_weights[weight.tradition()] = weight.weight();
    }
    const RoundSeeds seeds =
        SeedsFor(spec, Sha256Hex(header.spec()), header.round_number(), header.archive());
    const FitTerms fit = FitOfRound(terms, header.round_number(), seeds, config_.augmentations);
    const CheckpointFile checkpoint(config_.state_directory + "/training.safetensors",
                                    CheckpointKey(header, base, state, choice.recordings, fit.augmentation));
    const std::string local =
        absl::StrCat(config_.state_directory, "/", kLocalPrefix, Sha256Hex(header.spec()));
    RemoveForgottenFiles(config_.state_directory, local, std::filesystem::file_time_type::clock::now());
    const CheckpointFile copy_checkpoint(
        config_.state_directory + "/training-personal.safetensors",
        CheckpointKey(header, base, state, choice.recordings, fit.augmentation));
    const PersonalTraining copy = {
        terms,           FitOfCopy(terms, fit, seeds), base, state, header.spec(), config_.state_directory,
        &copy_checkpoint};
    return TrainRound(material, *model, terms, fit,
                      {progress, values, stop, &checkpoint, local, trains ? "train" : "analyse-latents",
                       terms.personal && trains ? &copy : nullptr});
  }

  absl::StatusOr<v1::EvaluateResult> Evaluate(const v1::JobSpec& spec, const v1::EvaluateHeader& header,
                                              absl::string_view base, absl::string_view before,
                                              absl::string_view after, const Progress& progress,
                                              const Stop& stop) override {
    ASSIGN_OR_RETURN(const JobTerms terms, ReadJobTerms(spec));
    RETURN_IF_ERROR(CheckCollection());
    // Which factor a round trains makes no difference to what a model says.
    ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model_before,
                     terms.family->Load(terms.model, /*round=*/1, base, before));
    ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model_after,
                     terms.family->Load(terms.model, /*round=*/1, base, after));
    const std::unique_ptr<FamilyModel> copy =
        terms.personal
            ? LoadPersonalCopy(terms, base, PersonalCopies(config_.state_directory, Sha256Hex(header.spec())),
                               header.round_number())
            : nullptr;
    const EvaluationModels models = {
        *model_before, *model_after, copy.get(),
        absl::StrCat(Sha256Hex(base), " ", Sha256Hex(before), " ", terms.model.adaptation.rank, " ",
                     terms.model.adaptation.alpha)};
    const std::vector<const Recording*> holdout = SelectRecordings(*collection_, spec, Split::kHoldout);
    const std::vector<const Recording*> training = SelectRecordings(*collection_, spec, Split::kTraining);
    const RoundMaterial held_out = {*collection_, holdout, spec.purpose(), use_log_, header.round_id()};
    const RoundMaterial trained_on = {*collection_, training, spec.purpose(), use_log_, header.round_id()};
    const std::unique_ptr<ListeningFolder> listening = ListeningFolderFor(spec, header);
    const bool complete = header.round_number() >= spec.rounds();
    return EvaluateHoldout({held_out, trained_on, terms, models, complete, listening.get()}, scores_,
                           progress, stop);
  }

  absl::StatusOr<std::string> Render(const v1::JobSpec& spec, const v1::RenderHeader& header,
                                     absl::string_view base, absl::string_view state,
                                     const Stop& stop) override {
    if (stop) return absl::CancelledError("rendering was stopped");
    if (!(header.seconds() > 0 && header.seconds() <= kMaxRenderSeconds)) {
      return absl::InvalidArgumentError(
          absl::StrCat("wrong-request: seconds to render must be above 0 and at most ", kMaxRenderSeconds,
                       ", found ", header.seconds()));
    }
    ASSIGN_OR_RETURN(const JobTerms terms, ReadJobTerms(spec));
    ASSIGN_OR_RETURN(const std::unique_ptr<FamilyModel> model,
                     terms.family->Load(terms.model, /*round=*/1, base, state));
    ASSIGN_OR_RETURN(const std::vector<float> audio, model->Generate(header.seconds(), header.seed()));
    return WavBytes(audio, terms.family->facts().sample_rate_hz);
  }

 private:
  absl::Status CheckCollection() const {
    if (collection_ == nullptr) {
      return absl::FailedPreconditionError(
          "no-usable-recording: this trainer has no recordings; [collection] is absent");
    }
    return collection_->policy().AllowsSurvey();
  }

  absl::StatusOr<TrainingChoice::Choice> ChooseTraining(const v1::JobSpec& spec) {
    RETURN_IF_ERROR(CheckCollection());
    const std::vector<const Recording*> recordings = SelectRecordings(*collection_, spec, Split::kTraining);
    if (TrainingSeconds(recordings) == 0) return NoUsableRecording();
    return choice_.Choose(*collection_, recordings, spec);
  }

  static absl::Status CheckManifest(const JobTerms& terms, const FamilyModel& model,
                                    const std::string& in_force) {
    ASSIGN_OR_RETURN(const Manifest manifest, ManifestFor(terms, model));
    if (manifest.json() == in_force) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("wrong-manifest: the round's manifest is not this job's; let the coordinator prepare "
                     "the job again: expected ",
                     manifest.digest(), ", found ", Sha256Hex(in_force)));
  }

  // Null if no listening files are wanted, or if they cannot be had: a round does not fail for that.
  std::unique_ptr<ListeningFolder> ListeningFolderFor(const v1::JobSpec& spec,
                                                      const v1::EvaluateHeader& header) const {
    if (!header.write_listening_files() || config_.listening_directory.empty()) return nullptr;
    // A job's name stays with the coordinator: here its digest tells jobs apart.
    const std::string name =
        spec.name().empty() ? absl::StrCat("job-", Sha256Hex(header.spec()).substr(0, 8)) : spec.name();
    absl::StatusOr<ListeningFolder> folder =
        ListeningFolder::Create(config_.listening_directory, name, static_cast<int>(header.round_number()));
    if (folder.ok()) return std::make_unique<ListeningFolder>(*std::move(folder));
    spdlog::warn("listening files were not written: {}", std::string(folder.status().message()));
    return nullptr;
  }

  const EngineConfig config_;
  const int threads_;
  std::unique_ptr<Collection> collection_;  // null at a coordinator
  UseLog use_log_;
  ScoreCache scores_;
  TrainingChoice choice_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const EngineConfig& config) {
  std::unique_ptr<Collection> collection;
  if (!config.recordings_directory.empty()) {
    CollectionConfig settings;
    settings.recordings_directory = config.recordings_directory;
    settings.state_directory = config.state_directory;
    settings.traditions = config.traditions;
    settings.consent = config.consent;
    settings.max_recording_seconds = config.max_recording_seconds;
    settings.sample_rate_hz = kSampleRateHz;
    ASSIGN_OR_RETURN(collection, Collection::Open(settings));
  }
  const int threads = SetComputeThreads(config.threads);
  return std::make_unique<LocalEngine>(config, threads, std::move(collection));
}

}  // namespace consort::trainer
