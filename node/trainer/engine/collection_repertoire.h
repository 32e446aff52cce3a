// The recordings of a call as families see them.
#ifndef CONSORT_NODE_TRAINER_ENGINE_COLLECTION_REPERTOIRE_H_
#define CONSORT_NODE_TRAINER_ENGINE_COLLECTION_REPERTOIRE_H_

#include <string>
#include <vector>

#include "node/trainer/engine/round_material.h"
#include "node/trainer/families/family.h"

namespace consort::trainer {

// Reads through the collection, which asks the policy each time. A tradition's weight is shared evenly by its
// recordings. `material`: borrowed.
class CollectionRepertoire final : public Repertoire {
 public:
  explicit CollectionRepertoire(const RoundMaterial& material);

  const std::vector<Entry>& entries() const override { return entries_; }
  absl::StatusOr<std::vector<float>> Read(size_t entry, int64_t begin, int64_t samples) override;
  void Heard(size_t entry, uint64_t windows) override { windows_[entry] += windows; }

  // What was heard so far, without recordings that were not.
  std::vector<RecordingUse> Uses() const;

 private:
  const RoundMaterial& material_;
  std::vector<Entry> entries_;
  std::vector<uint64_t> windows_;
};

}  // namespace consort::trainer

#endif  // CONSORT_NODE_TRAINER_ENGINE_COLLECTION_REPERTOIRE_H_
