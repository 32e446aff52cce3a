// One listener for sessions where there are several.
#ifndef CONSORT_COORDINATOR_APP_EVENT_SPLIT_H_
#define CONSORT_COORDINATOR_APP_EVENT_SPLIT_H_

#include <string>
#include <utility>
#include <vector>

#include "coordinator/rounds/node_gateway.h"

namespace consort::coordinator {

// Tells every listener of each event, in their order. The listeners are borrowed.
class EventSplit : public NodeEvents {
 public:
  explicit EventSplit(std::vector<NodeEvents*> listeners) : listeners_(std::move(listeners)) {}

  void OnSessionStarted(const std::string& archive, const v1::NodeHello& hello) override {
    for (NodeEvents* listener : listeners_) listener->OnSessionStarted(archive, hello);
  }
  void OnSessionResumed(const std::string& archive) override {
    for (NodeEvents* listener : listeners_) listener->OnSessionResumed(archive);
  }
  void OnSessionGone(const std::string& archive) override {
    for (NodeEvents* listener : listeners_) listener->OnSessionGone(archive);
  }
  void OnMessage(const std::string& archive, const v1::Envelope& envelope) override {
    for (NodeEvents* listener : listeners_) listener->OnMessage(archive, envelope);
  }

 private:
  std::vector<NodeEvents*> listeners_;
};

}  // namespace consort::coordinator

#endif  // CONSORT_COORDINATOR_APP_EVENT_SPLIT_H_
