#include "cli/commands/commands.h"

namespace consort::cli {

void AddAllCommands(CommandSet& commands) {
  for (void (*add)(CommandSet&) : {AddEnrol,        AddInvite,          AddFederationStatus,
                                   AddNodeList,     AddNodeShow,        AddNodeRevoke,
                                   AddJobSubmit,    AddJobPlan,         AddJobList,
                                   AddJobShow,      AddJobWatch,        AddJobControl,
                                   AddModelList,    AddModelShow,       AddModelPull,
                                   AddModelImport,  AddModelAdapter,    AddArtifactPut,
                                   AddArtifactGet,  AddArtifactGc,      AddLedgerShow,
                                   AddLedgerVerify, AddLedgerProof,     AddLedgerCompare,
                                   AddLedgerExport, AddLedgerIncidents, AddLedgerRevokeKey,
                                   AddLedgerErase,  AddExplainJob,      AddExplainContribution}) {
    add(commands);
  }
}

}  // namespace consort::cli
