// Stands for consort-trainer in the launcher's tests: tells each client its process id over the inherited
// socket. Arguments: "greet" ends at SIGTERM; "ignore-sigterm" does not; "exit" ends at once with code 3.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "greet";
  if (mode == "exit") return 3;
  if (mode == "ignore-sigterm") signal(SIGTERM, SIG_IGN);
  const std::string greeting = std::to_string(getpid());
  for (;;) {
    const int client = accept(3, nullptr, nullptr);
    if (client < 0) return 4;
    if (write(client, greeting.data(), greeting.size()) < 0) return 5;
    close(client);
  }
}
