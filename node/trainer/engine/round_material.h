// What one call may hear, and where it writes down what it heard.
#ifndef CONSORT_NODE_TRAINER_ENGINE_ROUND_MATERIAL_H_
#define CONSORT_NODE_TRAINER_ENGINE_ROUND_MATERIAL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "node/trainer/collection/collection.h"
#include "node/trainer/collection/use_log.h"

namespace consort::trainer {

// Borrowed; all outlive the call.
struct RoundMaterial {
  Collection& collection;
  const std::vector<const Recording*>& recordings;
  const std::string& purpose;
  UseLog& use_log;
  const std::string& round_id;
  // In what proportions traditions are learnt from, by name, > 0; every recording the same where one is
  // absent.
  std::map<std::string, uint32_t> tradition_weights = {};
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_ROUND_MATERIAL_H_
