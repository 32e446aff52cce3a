// A channel of its own for each use of a profile (a bulk transfer never shares one).
#ifndef CONSORT_CLI_RPC_PROFILE_CHANNEL_H_
#define CONSORT_CLI_RPC_PROFILE_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/profile.h"
#include "common/rpc/client_channel.h"

namespace consort::cli {

// Errors: as OpenChannel.
inline absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenProfileChannel(const std::string& directory,
                                                                         const Profile& profile) {
  ChannelOptions options;
  options.address = profile.address;
  options.federation = profile.federation;
  options.certificate_path = CertificatePath(directory);
  options.key_path = KeyPath(directory);
  options.ca_path = AuthorityPath(directory);
  options.proxy = profile.proxy;
  return OpenChannel(options);
}

}  // namespace consort::cli

#endif  // CONSORT_CLI_RPC_PROFILE_CHANNEL_H_
