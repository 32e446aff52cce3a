// TCP sockets of loopback.
#ifndef CONSORT_TESTS_SUPPORT_LOOPBACK_H_
#define CONSORT_TESTS_SUPPORT_LOOPBACK_H_

namespace consort::testing {

// A socket that listens on a free port; closing it is the caller's. Ends the program if there is none.
int ListenOnLoopback();
int PortOf(int descriptor);
// A connected socket, or -1 when nobody listens.
int ConnectToLoopback(int port);
// A port that was free a moment ago.
int FreePort();

}  // namespace consort::testing

#endif  // CONSORT_TESTS_SUPPORT_LOOPBACK_H_
