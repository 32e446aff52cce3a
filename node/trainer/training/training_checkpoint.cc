#include "node/trainer/training/training_checkpoint.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/artifact/durable_file.h"
#include "common/artifact/safetensors.h"
#include "common/status/macros.h"

namespace consort::trainer {
namespace {

// Hexadecimal floating point: every bit survives.
std::string Exact(double value) { return absl::StrFormat("%a", value); }

template <typename T>
TensorView ViewOf(const char* name, const char* dtype, const std::vector<T>& values) {
  return {name,
          dtype,
          {static_cast<int64_t>(values.size())},
          {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}};
}

// Reads one stored checkpoint; any doubt makes it unusable.
class Reader {
 public:
  Reader(const std::string& file, const SafetensorsHeader& header) : file_(file), header_(header) {}

  template <typename T>
  bool Values(const char* name, const char* dtype, size_t expected, std::vector<T>& values) const {
    const TensorInfo* tensor = header_.Find(name);
    if (tensor == nullptr || tensor->dtype != dtype || tensor->end - tensor->begin != expected * sizeof(T)) {
      return false;
    }
    values.resize(expected);
    std::memcpy(values.data(), file_.data() + header_.data_offset() + tensor->begin, expected * sizeof(T));
    return true;
  }
  bool Text(const char* name, std::string& text) const {
    const auto found = header_.metadata().find(name);
    if (found == header_.metadata().end()) return false;
    text = found->second;
    return true;
  }
  template <typename T>
  bool Number(const char* name, T& value) const {
    std::string text;
    return Text(name, text) && absl::SimpleAtoi(text, &value);
  }
  bool Real(const char* name, double& value) const {
    std::string text;
    return Text(name, text) && absl::SimpleAtod(text, &value);
  }
  std::string Bytes(const char* name) const {
    const TensorInfo* tensor = header_.Find(name);
    if (tensor == nullptr) return {};
    return file_.substr(header_.data_offset() + tensor->begin, tensor->end - tensor->begin);
  }

 private:
  const std::string& file_;
  const SafetensorsHeader& header_;
};

}  // namespace

std::optional<TrainingCheckpoint> CheckpointFile::Read(size_t values, size_t recordings,
                                                       size_t gradients) const {
  std::ifstream stream(path_, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (!header.ok()) return std::nullopt;
  const Reader reader(file, *header);
  std::string key;
  if (!reader.Text("key", key) || key != key_) return std::nullopt;
  TrainingCheckpoint read;
  const bool whole = reader.Number("steps_done", read.steps_done) &&
                     reader.Real("first_loss", read.first_loss) && reader.Real("last_loss", read.last_loss) &&
                     reader.Number("random", read.random) &&
                     reader.Number("optimiser_steps", read.optimiser.steps) &&
                     reader.Number("sampler_random", read.sampler.random) &&
                     reader.Values("values", "F32", values, read.values) &&
                     reader.Values("first_moment", "F32", values, read.optimiser.first_moment) &&
                     reader.Values("second_moment", "F32", values, read.optimiser.second_moment) &&
                     reader.Values("windows", "I64", recordings, read.sampler.windows);
  if (!whole) return std::nullopt;
  const bool summed = gradients == 0 || (reader.Number("gradient_steps", read.gradient_steps) &&
                                         reader.Values("gradient_sum", "F64", gradients, read.gradient_sum));
  if (!summed) return std::nullopt;
  read.local = reader.Bytes("local");
  return read;
}

absl::Status CheckpointFile::Write(const TrainingCheckpoint& checkpoint) const {
  std::vector<TensorView> tensors = {ViewOf("values", "F32", checkpoint.values),
                                     ViewOf("first_moment", "F32", checkpoint.optimiser.first_moment),
                                     ViewOf("second_moment", "F32", checkpoint.optimiser.second_moment),
                                     ViewOf("windows", "I64", checkpoint.sampler.windows)};
  if (!checkpoint.local.empty()) {
    tensors.push_back({"local", "U8", {static_cast<int64_t>(checkpoint.local.size())}, checkpoint.local});
  }
  if (!checkpoint.gradient_sum.empty()) {
    tensors.push_back(ViewOf("gradient_sum", "F64", checkpoint.gradient_sum));
  }
  const std::map<std::string, std::string> metadata = {
      {"key", key_},
      {"gradient_steps", absl::StrCat(checkpoint.gradient_steps)},
      {"steps_done", absl::StrCat(checkpoint.steps_done)},
      {"first_loss", Exact(checkpoint.first_loss)},
      {"last_loss", Exact(checkpoint.last_loss)},
      {"random", absl::StrCat(checkpoint.random)},
      {"optimiser_steps", absl::StrCat(checkpoint.optimiser.steps)},
      {"sampler_random", absl::StrCat(checkpoint.sampler.random)}};
  ASSIGN_OR_RETURN(const std::string file, WriteSafetensors(std::move(tensors), metadata));
  return WriteFileDurably(path_, file);
}

void CheckpointFile::Remove() const {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace consort::trainer
