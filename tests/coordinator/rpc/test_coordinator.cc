#include "tests/coordinator/rpc/test_coordinator.h"

#include <filesystem>
#include <future>

#include "absl/strings/str_cat.h"
#include "coordinator/rpc/enrolment_service.h"
#include "coordinator/rpc/federation_service.h"
#include "coordinator/rpc/ledger_service.h"
#include "coordinator/rpc/transfer_service.h"
#include "coordinator/store/sqlite_store.h"
#include "tests/coordinator/enrol/test_enrolment.h"

namespace consort::testing {

void FakeIntake::Expect(const std::string& participation_id, const std::string& archive,
                        uint64_t total_bytes) {
  MutexLock lock(mutex_);
  expected_[participation_id] = {archive, total_bytes, ""};
}

std::string FakeIntake::Completed(const std::string& participation_id) {
  MutexLock lock(mutex_);
  return expected_[participation_id].digest;
}

absl::StatusOr<std::string> FakeIntake::OpenSpool(const std::string& archive,
                                                  const std::string& participation_id, uint64_t total_bytes) {
  MutexLock lock(mutex_);
  const auto found = expected_.find(participation_id);
  if (found == expected_.end()) return absl::NotFoundError("no such participation");
  if (found->second.archive != archive) return absl::PermissionDeniedError("another archive's participation");
  if (total_bytes != 0 && total_bytes != found->second.total_bytes) {
    return absl::InvalidArgumentError("size is not the manifest's");
  }
  return SpoolPath(participation_id);
}

void FakeIntake::OnSpoolProgress(const std::string&, uint64_t) {}
void FakeIntake::OnSpoolTrouble(const std::string&, const std::string&) {}

void FakeIntake::OnSpoolComplete(const std::string& participation_id, const std::string& digest) {
  MutexLock lock(mutex_);
  expected_[participation_id].digest = digest;
}

void SteppedExecutor::Post(Work work) {
  std::lock_guard lock(mutex_);
  executor_.Post(std::move(work));
}

Executor::TimerId SteppedExecutor::PostAfter(absl::Duration delay, Work work) {
  std::lock_guard lock(mutex_);
  return executor_.PostAfter(delay, std::move(work));
}

void SteppedExecutor::Cancel(TimerId timer) {
  std::lock_guard lock(mutex_);
  executor_.Cancel(timer);
}

absl::Duration SteppedExecutor::Monotonic() const {
  std::lock_guard lock(mutex_);
  return executor_.Monotonic();
}

absl::Time SteppedExecutor::WallClock() const {
  std::lock_guard lock(mutex_);
  return executor_.WallClock();
}

void SteppedExecutor::Advance(absl::Duration duration) {
  std::lock_guard lock(mutex_);
  executor_.Advance(duration);
}

TestCoordinator::TestCoordinator(const Options& options)
    : log_key_(SigningKey::Generate("ledger.example.org/music")),
      entry_key_(SigningKey::Generate("coordinator.example.org/entries")),
      store_(coordinator::SqliteStore::Open(":memory:").value()),
      sequencer_(coordinator::Sequencer::Open(*store_, {"example.org", "music", "ledger.example.org/music"},
                                              log_key_, entry_key_, control_)
                     .value()),
      artifacts_(ArtifactStore::Open(federation_.Path("artifacts")).value()),
      intake_(federation_.Path("spool")) {
  RequireTls13();
  std::filesystem::create_directory(federation_.Path("spool"));
  enrolment_ = std::make_unique<coordinator::Enrolment>(
      coordinator::Enrolment::Parts{*store_, *sequencer_, federation_.authority(), directory_, control_},
      "127.0.0.1:1");
  OnControl([this] {
    if (!enrolment_->EnrolCoordinator().ok()) std::abort();
  });
  incidents_ = std::make_unique<coordinator::IncidentBook>(*store_, *sequencer_, control_, ledger_metrics_);
  witnesses_ = std::make_unique<coordinator::WitnessBoard>(
      coordinator::WitnessBoard::Parts{*store_, *sequencer_, nodes_, control_, *incidents_, ledger_metrics_});
  key_changes_ = std::make_unique<coordinator::KeyChanges>(*store_, *sequencer_, nodes_);
  services_.push_back(coordinator::MakeEnrolmentService("example.org", *enrolment_, control_));
  services_.push_back(coordinator::MakeFederationService(
      {"0.1.0", *enrolment_, *store_, *sequencer_, *artifacts_, control_,
       [](absl::string_view) {
         return coordinator::ArchiveConnection{.state = "connected", .software_version = "7"};
       },
       [] { return absl::StatusOr<uint32_t>(0); }, [] { return false; }}));
  services_.push_back(
      coordinator::MakeLedgerService({"example.org", *store_, *sequencer_, directory_, control_, *witnesses_,
                                      *incidents_, *key_changes_, options.checkpoints_per_page}));
  services_.push_back(coordinator::MakeTransferService(
      {"example.org", *artifacts_, intake_, directory_,
       options.transfer_clock == nullptr ? static_cast<Executor&>(control_) : *options.transfer_clock,
       workers_, options.bulk_streams, options.artifact_quota_bytes,
       [this] { return absl::StatusOr<std::set<std::string>>(artifacts_in_use_); }}));
  std::vector<grpc::Service*> services;
  for (const auto& service : services_) services.push_back(service.get());
  server_ = coordinator::CoordinatorServer::Start({"127.0.0.1:0", "example.org", federation_.Server()},
                                                  directory_, services)
                .value();
}

TestCoordinator::~TestCoordinator() {
  server_->Shutdown(absl::ZeroDuration());
  control_.Stop();  // before what it owns
}

std::string TestCoordinator::Address() const { return absl::StrCat("127.0.0.1:", server_->port()); }

void TestCoordinator::OnControl(const std::function<void()>& work) {
  std::promise<void> done;
  control_.Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

Invitation TestCoordinator::Invite(v1::Role role, const std::string& name) {
  Invitation invitation;
  OnControl([&] {
    invitation = ParseInvitation(enrolment_->CreateInvitation(role, name, 0).value().line).value();
  });
  invitation.address = Address();
  return invitation;
}

std::shared_ptr<grpc::Channel> TestCoordinator::Member(v1::Role role, const std::string& name) {
  const Invitation invitation = Invite(role, name);
  const TlsRequest tls = TlsRequest::Generate();
  const v1::EnrolRequest request =
      role == v1::ROLE_ARCHIVE ? RequestFor(invitation, tls, ArchiveKeySet::Generate(name, "example.org"))
                               : RequestFor(invitation, tls);
  TestFederation::IdentityFiles files;
  files.certificate_path = federation_.Path(absl::StrCat("enrolled-", members_, ".pem"));
  files.key_path = federation_.Path(absl::StrCat("enrolled-", members_, ".key"));
  ++members_;
  OnControl([&] { files.certificate_pem = enrolment_->Enrol(request).value().certificate_pem(); });
  WriteFileOrDie(files.certificate_path, files.certificate_pem);
  WriteFileOrDie(files.key_path, tls.key_pem);
  return OpenChannel(federation_.Dial(Address(), files)).value();
}

absl::Status TestCoordinator::Revoke(v1::Role role, const std::string& name) {
  absl::Status status;
  OnControl([&] { status = enrolment_->Revoke(role, name, "misbehaved").status(); });
  return status;
}

}  // namespace consort::testing
