// Every command of `consort`, one file each. A function adds its command's options and action to the set.
#ifndef CONSORT_CLI_COMMANDS_COMMANDS_H_
#define CONSORT_CLI_COMMANDS_COMMANDS_H_

#include "cli/command.h"

namespace consort::cli {

void AddEnrol(CommandSet& commands);
void AddInvite(CommandSet& commands);
void AddFederationStatus(CommandSet& commands);
void AddNodeList(CommandSet& commands);
void AddNodeShow(CommandSet& commands);
void AddNodeRevoke(CommandSet& commands);
void AddJobSubmit(CommandSet& commands);
void AddJobPlan(CommandSet& commands);
void AddJobList(CommandSet& commands);
void AddJobShow(CommandSet& commands);
void AddJobWatch(CommandSet& commands);
void AddJobControl(CommandSet& commands);  // pause, resume, cancel
void AddModelList(CommandSet& commands);
void AddModelShow(CommandSet& commands);
void AddModelPull(CommandSet& commands);
void AddModelImport(CommandSet& commands);
void AddModelAdapter(CommandSet& commands);  // export-adapter, import-adapter
void AddArtifactPut(CommandSet& commands);
void AddArtifactGet(CommandSet& commands);
void AddArtifactGc(CommandSet& commands);
void AddLedgerShow(CommandSet& commands);
void AddLedgerVerify(CommandSet& commands);
void AddLedgerProof(CommandSet& commands);
void AddLedgerCompare(CommandSet& commands);
void AddLedgerExport(CommandSet& commands);
void AddLedgerIncidents(CommandSet& commands);
void AddLedgerRevokeKey(CommandSet& commands);
void AddLedgerErase(CommandSet& commands);
void AddExplainContribution(CommandSet& commands);
void AddExplainJob(CommandSet& commands);

// All of them, in the order in which the help lists them.
void AddAllCommands(CommandSet& commands);

}  // namespace consort::cli

#endif  // CONSORT_CLI_COMMANDS_COMMANDS_H_
