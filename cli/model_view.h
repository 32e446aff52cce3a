// A model's record as commands print it.
#ifndef CONSORT_CLI_MODEL_VIEW_H_
#define CONSORT_CLI_MODEL_VIEW_H_

#include <string>

#include "cli/enum_word.h"
#include "cli/printer.h"
#include "consort/v1/job.pb.h"

namespace consort::cli {

inline Json ModelRow(const v1::ModelRecord& model) {
  Json harms = Json::array();
  for (const std::string& harm : model.harms()) harms.push_back(harm);
  Json marks = Json::array();
  for (const std::string& mark : model.marks()) marks.push_back(mark);
  return {{"digest", model.digest()},  {"job", model.job_id()},
          {"round", model.round()},    {"architecture", model.architecture()},
          {"bytes", model.bytes()},    {"tensor_digest", model.tensor_digest()},
          {"harms", std::move(harms)}, {"ledger_state", Word(model.ledger_state())},
          {"marks", std::move(marks)}};
}

}  // namespace consort::cli

#endif  // CONSORT_CLI_MODEL_VIEW_H_
