// Holds the connections of many idle archives from one process. Takes orders on stdin, one a line, and
// answers each with "done" on stdout: enrol, connect (real sessions with heartbeats), watch-health (a bare
// gRPC stream over the same mTLS, for comparison), disconnect. Ends with its input.
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/profile.h"
#include "cli/rpc/coordinator_client.h"
#include "common/rpc/client_channel.h"
#include "common/session/protocol.h"
#include "common/status/macros.h"
#include "common/sync/thread_executor.h"
#include "node/app/commands.h"
#include "node/app/node_config.h"
#include "node/daemon/session.h"
#include "node/rpc/grpc_stream.h"

namespace consort::bench {
namespace {

constexpr std::chrono::seconds kConnectWithin(30);

struct Options {
  std::string profile;    // the operator's
  std::string directory;  // one folder an archive is made in it
  int nodes = 200;

  std::string Archive(int number) const { return absl::StrCat("idle-", number); }
  std::string Folder(int number) const { return absl::StrCat(directory, "/", Archive(number)); }
};

absl::Status EnrolAll(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  ASSIGN_OR_RETURN(const cli::Profile profile, cli::ReadProfile(options.profile));
  ASSIGN_OR_RETURN(const auto coordinator, cli::CoordinatorClient::Open(options.profile, profile));
  for (int i = 0; i < options.nodes; ++i) {
    v1::CreateInvitationRequest request;
    request.set_role(v1::ROLE_ARCHIVE);
    request.set_name(options.Archive(i));
    request.set_valid_hours(1);
    ASSIGN_OR_RETURN(const v1::CreateInvitationResponse invited, coordinator->CreateInvitation(request));
    node::EnrolOptions enrol;
    enrol.invitation = invited.invitation();
    enrol.directory = options.Folder(i);
    enrol.recordings = options.directory;
    RETURN_IF_ERROR(node::RunEnrol(enrol));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelOf(const Options& options, int number) {
  ASSIGN_OR_RETURN(const node::NodeConfig config,
                   node::LoadNodeConfig(options.Folder(number) + "/node/node.toml"));
  return OpenChannel({.address = config.address,
                      .federation = config.federation,
                      .certificate_path = config.Key("tls.pem"),
                      .key_path = config.Key("tls.key"),
                      .ca_path = config.Key("ca.pem"),
                      .proxy = ""});
}

// One connection that stays open until it is destroyed.
class Held {
 public:
  virtual ~Held() = default;
  // Whether the other end has answered. Errors: DeadlineExceeded.
  virtual absl::Status WaitUntilOpen() = 0;
};

// A node that has nothing to do but to be there.
class IdleSession final : public Held, private node::SessionOwner {
 public:
  IdleSession(std::shared_ptr<grpc::Channel> channel, Executor& control)
      : control_(control),
        streams_(std::move(channel)),
        session_(streams_, control, *this, node::Backoff([] { return 0.5; })) {
    control_.Post([this] { session_.Start(); });
  }
  ~IdleSession() override {
    std::promise<void> stopped;
    control_.Post([&] {
      session_.Stop();
      stopped.set_value();
    });
    stopped.get_future().wait();
  }

  absl::Status WaitUntilOpen() override {
    if (welcome_.get_future().wait_for(kConnectWithin) == std::future_status::ready) return absl::OkStatus();
    return absl::DeadlineExceededError("a session was not welcomed in time");
  }

 private:
  void FillHello(v1::NodeHello& hello) override {
    hello.set_software_version("idle");
    hello.add_capabilities(session::kCapabilityRing32);
    hello.add_capabilities(session::kCapabilityPlain);
  }
  v1::NodeHealth Health() override { return {}; }
  absl::Status OnWelcome(const v1::Welcome&, bool) override {
    if (!std::exchange(welcomed_, true)) welcome_.set_value();
    return absl::OkStatus();
  }
  void OnMessage(const v1::Envelope&) override {}
  void OnDisconnected() override {}
  void OnSent(const v1::Envelope&) override {}

  Executor& control_;
  node::GrpcStreamFactory streams_;
  node::Session session_;
  bool welcomed_ = false;
  std::promise<void> welcome_;
};

// The least that a long-lived stream over mTLS costs: a watch of the standard health service.
class HealthWatch final : public Held {
 public:
  explicit HealthWatch(std::shared_ptr<grpc::Channel> channel) : stub_(std::move(channel)) {
    const grpc::Slice empty_request("");
    const grpc::ByteBuffer request(&empty_request, 1);
    call_ = stub_.PrepareCall(&context_, "/grpc.health.v1.Health/Watch", &queue_);
    call_->StartCall(this);
    Step();
    call_->WriteLast(request, grpc::WriteOptions(), this);
    Step();
    call_->Read(&answer_, this);
  }
  ~HealthWatch() override {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    for (bool ok = false; queue_.Next(&tag, &ok);) {
    }
  }

  absl::Status WaitUntilOpen() override {
    return Step() ? absl::OkStatus() : absl::DeadlineExceededError("a health watch was not answered in time");
  }

 private:
  bool Step() {
    void* tag = nullptr;
    bool ok = false;
    const auto limit = std::chrono::system_clock::now() + kConnectWithin;
    return queue_.AsyncNext(&tag, &ok, limit) == grpc::CompletionQueue::GOT_EVENT && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer answer_;
};

class IdleNodes {
 public:
  explicit IdleNodes(Options options) : options_(std::move(options)) {}

  absl::Status Carry(const std::string& order) {
    if (order == "enrol") return EnrolAll(options_);
    if (order == "connect") {
      return Open(
          [this](auto channel) { return std::make_unique<IdleSession>(std::move(channel), control_); });
    }
    if (order == "watch-health") {
      return Open([](auto channel) { return std::make_unique<HealthWatch>(std::move(channel)); });
    }
    if (order != "disconnect") return absl::InvalidArgumentError(absl::StrCat("no such order: ", order));
    held_.clear();
    return absl::OkStatus();
  }

 private:
  absl::Status Open(const std::function<std::unique_ptr<Held>(std::shared_ptr<grpc::Channel>)>& open) {
    for (int i = 0; i < options_.nodes; ++i) {
      ASSIGN_OR_RETURN(auto channel, ChannelOf(options_, i));
      held_.push_back(open(std::move(channel)));
    }
    for (const auto& held : held_) RETURN_IF_ERROR(held->WaitUntilOpen());
    return absl::OkStatus();
  }

  const Options options_;
  ThreadExecutor control_;
  std::vector<std::unique_ptr<Held>> held_;  // before the executor ends
};

}  // namespace
}  // namespace consort::bench

int main(int argc, char** argv) {
  consort::bench::Options options;
  CLI::App app("Many idle archives in one process");
  app.add_option("--profile", options.profile, "the operator's")->required();
  app.add_option("--directory", options.directory, "for the archives' folders")->required();
  app.add_option("--nodes", options.nodes)->check(CLI::Range(1, 10000));
  CLI11_PARSE(app, argc, argv);
  consort::bench::IdleNodes nodes(options);
  for (std::string order; std::getline(std::cin, order);) {
    const absl::Status done = nodes.Carry(order);
    std::cout << (done.ok() ? "done" : done.ToString()) << std::endl;
  }
  return 0;
}
