#include "node/trainer/engine/collection_repertoire.h"

#include "tests/node/trainer/engine/engine_fixture.h"

namespace consort::trainer {
namespace {

using CollectionRepertoireTest = EngineTest;

TEST_F(CollectionRepertoireTest, RecordingsOfATraditionShareItsWeightEvenly) {
  std::filesystem::create_directory(config_.recordings_directory + "/bangdi");
  for (int i = 6; i < 8; ++i) AddRecording("bangdi/" + std::to_string(i) + ".wav", i);
  CollectionConfig settings;
  settings.recordings_directory = config_.recordings_directory;
  settings.state_directory = config_.state_directory;
  settings.consent = config_.consent;
  settings.max_recording_seconds = config_.max_recording_seconds;
  settings.sample_rate_hz = 22050;
  const auto collection = Collection::Open(settings).value();
  ASSERT_TRUE(collection->Scan(stop_).ok());
  std::vector<const Recording*> recordings;
  for (const Recording& recording : collection->recordings()) recordings.push_back(&recording);
  ASSERT_EQ(recordings.size(), 8u);  // six of qudi
  UseLog log(directory_.Path("use.jsonl"));
  const std::string purpose = "train.generative", round = "round-1";

  const CollectionRepertoire weighed(
      {*collection, recordings, purpose, log, round, {{"qudi", 3}, {"bangdi", 4}}});
  for (const Repertoire::Entry& entry : weighed.entries()) {
    EXPECT_EQ(entry.share, entry.tradition == "qudi" ? 0.5 : 2.0) << entry.tradition;
  }
  const CollectionRepertoire plain({*collection, recordings, purpose, log, round});
  for (const Repertoire::Entry& entry : plain.entries()) EXPECT_EQ(entry.share, 1);
}

}  // namespace
}  // namespace consort::trainer
