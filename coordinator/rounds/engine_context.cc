#include "coordinator/rounds/engine_context.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "coordinator/jobs/job_rows.h"

namespace consort::coordinator {

EngineContext::EngineContext(const RoundEngine::Parts& engine_parts, const RoundEngine::Config& engine_config,
                             Flow& engine_flow)
    : parts(engine_parts),
      config(engine_config),
      flow(engine_flow),
      timers(engine_parts.executor),
      heads(engine_parts.store, engine_parts.sequencer),
      spent_spools(engine_parts.executor, engine_parts.blocking),
      started_(engine_parts.executor.Monotonic()) {}

absl::Duration EngineContext::Until(int64_t unix_millis) const {
  return std::max(absl::FromUnixMillis(unix_millis) - parts.executor.WallClock(), absl::ZeroDuration());
}

absl::Duration EngineContext::WindowLeft(int64_t unix_millis) const {
  return std::max(Until(unix_millis), started_ + config.reconnect_window - Now());
}

absl::StatusOr<std::shared_ptr<const JobFacts>> EngineContext::FactsOf(const JobRow& job) {
  if (const auto found = facts_.find(job.job_id); found != facts_.end()) return found->second;
  auto facts = std::make_shared<JobFacts>();
  facts->job_digest = job.job_digest;
  facts->spec_bytes = job.spec;
  if (!facts->spec.ParseFromString(job.spec)) {
    return absl::DataLossError(
        absl::StrCat("the stored spec of a job cannot be read; restore a backup (job ", job.job_id, ")"));
  }
  if (job.manifests.empty())
    return std::shared_ptr<const JobFacts>(std::move(facts));  // not prepared: not kept
  ASSIGN_OR_RETURN(const std::vector<std::string> manifests, UnpackManifests(job.manifests));
  for (const std::string& json : manifests) {
    ASSIGN_OR_RETURN(Manifest manifest, Manifest::Parse(json));
    facts->manifests.push_back(std::move(manifest));
  }
  if (!ManifestTurn(facts->manifests.size(), facts->spec.latent_analysis(), 1, facts->spec.rounds())) {
    return absl::DataLossError(absl::StrCat(
        "a prepared job has no manifest for its first round; restore a backup (job ", job.job_id, ")"));
  }
  facts_[job.job_id] = facts;
  return std::shared_ptr<const JobFacts>(std::move(facts));
}

bool EngineContext::Awaited(const std::string& archive) const {
  if (parts.nodes.Connected(archive)) return true;
  const auto found = away_since_.find(archive);
  const absl::Duration since = found == away_since_.end() ? started_ : found->second;
  return Now() - since < config.reconnect_window;
}

std::string EngineContext::SpoolPath(absl::string_view participation_id) const {
  return absl::StrCat(config.spool_directory, "/", participation_id);
}

std::string CleanReason(absl::string_view text) {
  std::string clean;
  for (const char c : text.substr(0, kMaxReasonBytes)) clean.push_back(c >= 0x20 && c < 0x7F ? c : ' ');
  return clean;
}

}  // namespace consort::coordinator
