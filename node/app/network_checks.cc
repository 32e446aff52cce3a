#include "node/app/network_checks.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/messages/message_catalogue.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/member_id.h"
#include "node/app/command_output.h"
#include "node/app/network_probe.h"
#include "node/app/tls_probe.h"
#include "node/rpc/federation_client.h"

namespace consort::node {
namespace {

// Each step makes sense after the one before.
class NetworkChecks {
 public:
  NetworkChecks(const NodeConfig& config, const TlsFiles& tls, absl::Time now, CheckList& list)
      : config_(config), tls_(tls), now_(now), list_(list) {}

  void Run();

 private:
  bool Names();
  absl::StatusOr<FileDescriptor> Reach();
  void Tls(const TlsFacts& facts);
  void Coordinator();

  const NodeConfig& config_;
  const TlsFiles& tls_;
  const absl::Time now_;
  CheckList& list_;
};

void NetworkChecks::Run() {
  if (!Names()) return;
  const auto connection = Reach();
  if (!connection.ok()) return;
  const auto facts = ProbeTls(*connection, tls_.certificate_path, tls_.key_path, config_.Key("ca.pem"));
  if (!facts.ok()) return list_.Fail("tls", std::string(facts.status().message()), "node.doctor.tls.do");
  Tls(*facts);
  Coordinator();
}

void NetworkChecks::Coordinator() {
  const auto federation = AskFederationStatus({.address = config_.address,
                                               .federation = config_.federation,
                                               .certificate_path = tls_.certificate_path,
                                               .key_path = tls_.key_path,
                                               .ca_path = config_.Key("ca.pem"),
                                               .proxy = config_.proxy});
  if (!federation.ok())
    return list_.Fail("coordinator", std::string(federation.status().message()), "node.doctor.answer.do");
  if (federation->log_vkey() != config_.log_vkey) {
    return list_.Fail("coordinator", Message("node.doctor.found.other-ledger"), "node.doctor.peer.do");
  }
  list_.Pass("coordinator",
             Message("node.doctor.found.answers", {{"version", federation->software_version()}}));
}

bool NetworkChecks::Names() {
  const auto parts = SplitAddress(config_.proxy.empty() ? config_.address : config_.proxy);
  const auto addresses = parts.ok() ? Resolve(parts->first) : absl::StatusOr<std::string>(parts.status());
  if (!addresses.ok()) {
    list_.Fail("name", std::string(addresses.status().message()), "node.doctor.name.do");
    return false;
  }
  list_.Pass("name", absl::StrCat(parts->first, " = ", *addresses));
  return true;
}

absl::StatusOr<FileDescriptor> NetworkChecks::Reach() {
  auto connection = ConnectTcp(config_.proxy.empty() ? config_.address : config_.proxy);
  if (!connection.ok()) {
    list_.Fail("reachability", std::string(connection.status().message()), "node.doctor.reach.do");
    return connection;
  }
  list_.Pass("reachability", config_.proxy.empty() ? config_.address : config_.proxy);
  if (config_.proxy.empty()) {
    list_.Pass("proxy", Message("node.doctor.found.no-proxy"));
    return connection;
  }
  if (const absl::Status passed = AskProxy(*connection, config_.address); !passed.ok()) {
    list_.Fail("proxy", std::string(passed.message()), "node.doctor.proxy.do");
    return passed;
  }
  list_.Pass("proxy", Message("node.doctor.found.proxy-passes", {{"address", config_.address}}));
  return connection;
}

void NetworkChecks::Tls(const TlsFacts& facts) {
  list_.Pass("tls", facts.version);
  if (now_ < facts.server.not_before || now_ > facts.server.not_after) {
    list_.Fail("clock",
               Message("node.doctor.found.clock-differs", {{"from", UtcText(facts.server.not_before)},
                                                           {"until", UtcText(facts.server.not_after)},
                                                           {"now", UtcText(now_)}}),
               "node.doctor.clock.do");
  } else {
    list_.Pass("clock", UtcText(now_));
  }
  if (facts.chain_problem.empty()) {
    list_.Pass("chain", Message("node.doctor.found.chain"));
  } else {
    list_.Fail("chain", facts.chain_problem, "node.doctor.tls.do");
  }
  const std::string expected = CoordinatorSpiffeId(config_.federation);
  if (facts.server.spiffe_id == expected) {
    list_.Pass("san", expected);
  } else {
    list_.Fail(
        "san",
        Message("node.doctor.found.unexpected", {{"found", facts.server.spiffe_id}, {"expected", expected}}),
        "node.doctor.peer.do");
  }
  if (facts.alpn == "h2") {
    list_.Pass("alpn", "h2");
  } else {
    list_.Fail("alpn", Message("node.doctor.found.unexpected", {{"found", facts.alpn}, {"expected", "h2"}}),
               "node.doctor.alpn.do");
  }
}

}  // namespace

void CheckNetwork(const NodeConfig& config, const TlsFiles& tls, absl::Time now, CheckList& list) {
  NetworkChecks(config, tls, now, list).Run();
}

}  // namespace consort::node
