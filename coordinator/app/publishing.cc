#include "coordinator/app/publishing.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "spdlog/spdlog.h"

namespace consort::coordinator {
namespace {

constexpr char kPublishedSize[] = "consort_ledger_published_size";
constexpr char kFailures[] = "consort_ledger_publish_failures_total";

}  // namespace

absl::Status MakePublicFolder(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (!error && made) {
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0755), error);
  }
  return error ? StatusOfErrno(error.value(), absl::StrCat("make the published folder ", path))
               : absl::OkStatus();
}

Publishing::Publishing(MetricsRegistry& metrics, Store& store, Sequencer& sequencer, Executor& control,
                       const std::string& directory)
    : metrics_(metrics) {
  if (directory.empty()) return;
  metrics_.DeclareGauge(kPublishedSize, "Entries under the newest checkpoint in the published folder.");
  metrics_.DeclareCounter(kFailures, "Times that the published folder could not be brought up to date.");
  metrics_.Add(kFailures, {}, 0);
  publisher_ = std::make_unique<Publisher>(store, sequencer, control, directory);
  worker_ = std::make_unique<WorkerPool>(1);
}

void Publishing::Start() {
  if (publisher_ == nullptr) return;
  publisher_->Start([this](std::function<void()> work) { worker_->Run(std::move(work)); },
                    [this](const absl::StatusOr<uint64_t>& published) { Tell(published); });
}

void Publishing::Publish(uint64_t size) {
  if (publisher_ != nullptr) publisher_->Publish(size);
}

void Publishing::Stop() {
  if (worker_ != nullptr) worker_->Stop();
}

void Publishing::Tell(const absl::StatusOr<uint64_t>& published) {
  if (published.ok()) {
    metrics_.Set(kPublishedSize, {}, static_cast<double>(*published));
    if (behind_) spdlog::info("the published folder is up to date: {} entries", *published);
    behind_ = false;
    return;
  }
  behind_ = true;
  metrics_.Add(kFailures, {}, 1);
  spdlog::error("the ledger is sealed but its published folder is behind: {}", published.status().ToString());
}

}  // namespace consort::coordinator
