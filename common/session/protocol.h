// The numbers of the session protocol that both ends must agree on.
#ifndef CONSORT_COMMON_SESSION_PROTOCOL_H_
#define CONSORT_COMMON_SESSION_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace consort::session {

inline constexpr uint32_t kProtocolVersion = 1;

// Capabilities that this build speaks.
inline constexpr char kCapabilityRing32[] = "update.ring32";
inline constexpr char kCapabilityPlain[] = "privacy.plain";
// In both directions: the node witnesses and mirrors the ledger, and every entry of an archive gets an answer. Not
// needed: an older node works on without it.
inline constexpr char kCapabilityWitness[] = "ledger.witness";

// A node's heartbeat, sent when nothing else was; also carries the acknowledgement.
inline constexpr absl::Duration kHeartbeatInterval = absl::Seconds(3);
// The coordinator answers a heartbeat at once if something waits for its acknowledgement, else only when it
// has said nothing for so long: a node gives up on it after kGoneAfter, and each message to hundreds of idle
// nodes costs as much as one from them.
inline constexpr absl::Duration kReplyInterval = absl::Seconds(15);
// Three heartbeats missed: shown as silent, nothing else happens.
inline constexpr absl::Duration kSilentAfter = absl::Seconds(9);
// Nothing at all for so long: gone; a closed connection is gone at once.
inline constexpr absl::Duration kGoneAfter = absl::Seconds(60);
// A peer that connects and then says neither hello nor welcome is dropped.
inline constexpr absl::Duration kGreetingWithin = absl::Seconds(20);

// A receiver acknowledges at once when so many messages wait for it, instead of with the next heartbeat.
inline constexpr uint64_t kAcknowledgeEvery = 32;

// The sender's memory of what is not yet acknowledged. More than this means that the peer does not read: the
// session is ended rather than the memory.
inline constexpr size_t kMaxUnacknowledgedMessages = 4096;
inline constexpr size_t kMaxUnacknowledgedBytes = 64 << 20;

// Jobs that a node names in its hello. A node works on a handful; what is left over is named the next time.
inline constexpr size_t kMaxOpenJobs = 256;

// gRPC's receive limit on both sides; a larger message is a bug.
inline constexpr int kMaxMessageBytes = 4 << 20;

}  // namespace consort::session

#endif  // CONSORT_COMMON_SESSION_PROTOCOL_H_
