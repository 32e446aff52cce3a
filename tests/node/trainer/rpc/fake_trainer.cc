// consort-trainer with a fake engine: the real sandbox, service and signals, without LibTorch. Argument: its
// state folder, or "--unsafe-no-sandbox".
#include <cstdio>
#include <string>

#include "common/sandbox/sandbox.h"
#include "node/trainer/rpc/trainer_server.h"
#include "tests/node/trainer/fake_engine.h"

int main(int count, char** arguments) {
  if (count < 2) return 2;
  consort::SandboxPolicy policy;
  policy.profile = consort::SandboxProfile::kRecordingProcess;
  policy.unsafe_no_sandbox = std::string(arguments[1]) == "--unsafe-no-sandbox";
  if (!policy.unsafe_no_sandbox) policy.read_write = {arguments[1]};
  const auto signals = consort::trainer::TakeEndingSignals();
  const auto report = consort::EnterSandbox(policy);
  if (!signals.ok() || !report.ok()) {
    fprintf(stderr, "%s\n", report.status().ToString().c_str());
    return 1;
  }
  consort::trainer::FakeEngine engine;
  return consort::trainer::ServeEngine(engine, /*listener=*/3, *signals, report->restricted).ok() ? 0 : 1;
}
