#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/artifact/durable_file.h"
#include "common/status/macros.h"
#include "coordinator/app/commands.h"
#include "coordinator/app/coordinator_config.h"
#include "coordinator/app/coordinator_copy.h"
#include "coordinator/app/ledger_copy.h"
#include "coordinator/app/trainer_file.h"

namespace consort::coordinator {

absl::Status RunBackup(const std::string& config_path, const std::string& destination) {
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  RETURN_IF_ERROR(CopyCoordinator(config_path, config, destination));
  RETURN_IF_ERROR(FinishCopy(config_path, destination));
  ASSIGN_OR_RETURN(const VerifiedLedger ledger,
                   ExportAndVerify(LayoutOf(config, destination), destination + "/ledger"));
  std::cerr << "backed up; the copy's ledger verified: " << ledger.size << " entries, root " << ledger.root
            << "\n"
            << "The copy holds private keys: keep it where only the coordinator's staff can read it.\n";
  return absl::OkStatus();
}

absl::Status RunRestore(const std::string& backup, const std::string& destination) {
  const std::string config_path = backup + "/" + kConfigName;
  ASSIGN_OR_RETURN(const CoordinatorConfig config, LoadCoordinatorConfig(config_path));
  RETURN_IF_ERROR(CopyCoordinator(config_path, LayoutOf(config, backup), destination));
  RETURN_IF_ERROR(FinishCopy(config_path, destination));
  RETURN_IF_ERROR(WriteTrainerFile(destination + "/trainer"));  // the old one names the old place
  const std::string scratch = destination + "/verify";
  ASSIGN_OR_RETURN(const VerifiedLedger ledger, ExportAndVerify(LayoutOf(config, destination), scratch));
  std::error_code error;
  std::filesystem::remove_all(scratch, error);
  if (error) return StatusOfErrno(error.value(), absl::StrCat("remove folder ", scratch));
  std::cerr << "restored; its ledger verified: " << ledger.size << " entries, root " << ledger.root << "\n"
            << "Nodes that have seen a newer checkpoint than this one will refuse to go on: entries logged "
               "after the "
               "backup are missing here.\n"
            << "trainer/trainer.toml was written anew; repeat your own changes to it.\n";
  return absl::OkStatus();
}

}  // namespace consort::coordinator
