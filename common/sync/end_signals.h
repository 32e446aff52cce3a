// The signals that end a daemon.
#ifndef CONSORT_COMMON_SYNC_END_SIGNALS_H_
#define CONSORT_COMMON_SYNC_END_SIGNALS_H_

#include <signal.h>

namespace consort {

// Blocks SIGTERM and SIGINT in the calling thread, and so in every thread that it starts from then on; Wait
// alone takes them. Make it in main, before the first thread.
class EndSignals {
 public:
  EndSignals();
  // Waits for the next of them, without limit: until then the daemon runs. Returns its number.
  int Wait() const;

 private:
  sigset_t signals_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_SYNC_END_SIGNALS_H_
