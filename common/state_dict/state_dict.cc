#include "common/state_dict/state_dict.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/artifact/safetensors.h"
#include "common/artifact/safetensors_dtype.h"
#include "common/state_dict/pickle.h"
#include "common/state_dict/zip_archive.h"
#include "common/status/macros.h"

namespace consort {
namespace {

using Kind = PickleValue::Kind;
using Entries = std::map<std::string, absl::string_view>;

constexpr char kDictMember[] = "state_dict";
constexpr size_t kMaxNesting = 8;
constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kMaxTensors = 1 << 20;  // a dict that holds itself has no end

absl::Status Damaged(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("artifact-damaged: ", what));
}

std::vector<int64_t> Contiguous(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  return strides;
}

absl::StatusOr<std::vector<StoredTensor>> FromSafetensors(absl::string_view file) {
  const absl::StatusOr<SafetensorsHeader> header = SafetensorsHeader::Parse(file, file.size());
  if (!header.ok()) {
    return Damaged(absl::StrCat("neither safetensors nor written by torch.save since PyTorch 1.6: ",
                                header.status().message()));
  }
  std::vector<StoredTensor> tensors;
  for (const TensorInfo& tensor : header->tensors()) {
    tensors.push_back({tensor.name, tensor.dtype, tensor.shape, Contiguous(tensor.shape), 0,
                       file.substr(header->data_offset() + tensor.begin, tensor.end - tensor.begin)});
  }
  return tensors;
}

// Names go to terminals and reports.
absl::Status CheckName(absl::string_view prefix, absl::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain && prefix.size() + name.size() <= kMaxNameBytes) return absl::OkStatus();
  return Damaged(absl::StrCat("a name is not plain ASCII or longer than ", kMaxNameBytes, " characters"));
}

// Turns nested dicts into names.
class Walk {
 public:
  Walk(const Pickle& pickle, const Entries& storages) : pickle_(pickle), storages_(storages) {}

  absl::Status Dict(const PickleValue& dict, const std::string& prefix, size_t depth) {
    if (depth > kMaxNesting) return Damaged("dicts lie deeper within each other than a model's");
    for (size_t i = 0; i < dict.items.size(); i += 2) {
      if (++seen_ > kMaxTensors) return Damaged("dicts hold more than a model's, or themselves");
      const PickleValue& key = pickle_.values[dict.items[i]];
      const PickleValue& value = pickle_.values[dict.items[i + 1]];
      if (key.kind != Kind::kText) continue;  // numbers of an optimiser's groups
      RETURN_IF_ERROR(CheckName(prefix, key.text));
      if (value.kind == Kind::kTensor) RETURN_IF_ERROR(Add(absl::StrCat(prefix, key.text), *value.tensor));
      if (value.kind == Kind::kDict)
        RETURN_IF_ERROR(Dict(value, absl::StrCat(prefix, key.text, "."), depth + 1));
    }
    return absl::OkStatus();
  }

  std::map<std::string, StoredTensor> tensors;

 private:
  absl::Status Add(const std::string& name, const PickledTensor& tensor) {
    const auto storage = storages_.find(tensor.storage);
    if (storage == storages_.end())
      return Damaged(absl::StrCat("the file lacks the values of a tensor: ", name));
    const auto bytes = SafetensorsTensorBytes(tensor.dtype, {tensor.storage_values});
    if (!bytes.has_value() || *bytes != storage->second.size()) {
      return Damaged(absl::StrCat("a tensor's values have another length than the file says: ", name));
    }
    StoredTensor stored = {name, tensor.dtype, tensor.shape, tensor.strides, tensor.offset, storage->second};
    if (!tensors.emplace(name, std::move(stored)).second) {
      return Damaged(absl::StrCat("a tensor's name is used twice: ", name));
    }
    return absl::OkStatus();
  }

  const Pickle& pickle_;
  const Entries& storages_;
  size_t seen_ = 0;
};

const PickleValue& MemberOrSelf(const Pickle& pickle, const PickleValue& dict) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& key = pickle.values[dict.items[i]];
    const PickleValue& value = pickle.values[dict.items[i + 1]];
    if (key.kind == Kind::kText && key.text == kDictMember && value.kind == Kind::kDict) return value;
  }
  return dict;
}

// Entries lie under one folder of any name: data.pkl, data/<key>, byteorder since PyTorch 2.1.
absl::StatusOr<std::vector<StoredTensor>> FromTorch(absl::string_view file) {
  ASSIGN_OR_RETURN(const std::vector<ZipEntry> entries, ReadStoredZip(file));
  const auto found = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& entry) {
    return absl::EndsWith(entry.name, "/data.pkl");
  });
  if (found == entries.end()) return Damaged("a ZIP file, but torch.save did not write it: no data.pkl");
  const absl::string_view folder = absl::StripSuffix(found->name, "data.pkl");
  Entries storages;
  for (const ZipEntry& entry : entries) {
    absl::string_view name = entry.name;
    if (!absl::ConsumePrefix(&name, folder)) continue;
    if (name == "byteorder" && entry.data != "little") {
      return Damaged("the values were written by a big-endian machine; save the file again on another");
    }
    if (absl::ConsumePrefix(&name, "data/")) storages.emplace(std::string(name), entry.data);
  }
  ASSIGN_OR_RETURN(const Pickle pickle, ReadPickle(found->data));
  const PickleValue& root = pickle.values[pickle.root];
  if (root.kind != Kind::kDict) {
    return absl::InvalidArgumentError("not-a-state-dict: the file holds no dict; save model.state_dict()");
  }
  Walk walk(pickle, storages);
  RETURN_IF_ERROR(walk.Dict(MemberOrSelf(pickle, root), "", 0));
  std::vector<StoredTensor> tensors;
  for (auto& [name, tensor] : walk.tensors) tensors.push_back(std::move(tensor));
  return tensors;
}

}  // namespace

absl::StatusOr<std::vector<StoredTensor>> ReadStateDict(absl::string_view file) {
  return LooksLikeZip(file) ? FromTorch(file) : FromSafetensors(file);
}

}  // namespace consort
