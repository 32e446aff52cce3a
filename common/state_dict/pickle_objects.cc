#include "common/state_dict/pickle_objects.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace consort {
namespace {

using Kind = PickleValue::Kind;

constexpr char kOrderedDict[] = "collections.OrderedDict";
constexpr char kTensor[] = "torch._utils._rebuild_tensor_v2";
constexpr char kParameter[] = "torch._utils._rebuild_parameter";
constexpr size_t kMaxDimensions = 16;
constexpr size_t kMaxKeyBytes = 64;  // of a storage; each tensor on it repeats the key

// Storage types of torch, with the words of safetensors for what they hold.
const std::map<std::string, std::string, std::less<>>& StorageTypes() {
  static const std::map<std::string, std::string, std::less<>> types = {
      {"torch.BFloat16Storage", "BF16"}, {"torch.BoolStorage", "BOOL"},  {"torch.ByteStorage", "U8"},
      {"torch.CharStorage", "I8"},       {"torch.DoubleStorage", "F64"}, {"torch.FloatStorage", "F32"},
      {"torch.HalfStorage", "F16"},      {"torch.IntStorage", "I32"},    {"torch.LongStorage", "I64"},
      {"torch.ShortStorage", "I16"},
  };
  return types;
}

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not-a-state-dict: the pickle builds ", what));
}

// The item of a tuple if it is of that kind; null otherwise.
const PickleValue* Item(const Pickle& pickle, const PickleValue& tuple, size_t index, Kind kind) {
  if (tuple.kind != Kind::kTuple || index >= tuple.items.size()) return nullptr;
  const PickleValue& item = pickle.values[tuple.items[index]];
  return item.kind == kind ? &item : nullptr;
}

std::optional<std::vector<int64_t>> Extents(const Pickle& pickle, const PickleValue* tuple) {
  if (tuple == nullptr || tuple->items.size() > kMaxDimensions) return std::nullopt;
  std::vector<int64_t> extents;
  for (size_t i = 0; i < tuple->items.size(); ++i) {
    const PickleValue* extent = Item(pickle, *tuple, i, Kind::kInteger);
    if (extent == nullptr || extent->integer < 0) return std::nullopt;
    extents.push_back(extent->integer);
  }
  return extents;
}

// Whether every value of the view lies in its storage.
bool StaysInside(const PickledTensor& tensor) {
  int64_t last = tensor.offset;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] == 0) return tensor.offset <= tensor.storage_values;
    int64_t reach = 0;
    if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return false;
    }
  }
  return last < tensor.storage_values;
}

absl::StatusOr<PickleValue> MakeTensor(const Pickle& pickle, const PickleValue& arguments) {
  const PickleValue* storage = Item(pickle, arguments, 0, Kind::kStorage);
  const PickleValue* offset = Item(pickle, arguments, 1, Kind::kInteger);
  const auto shape = Extents(pickle, Item(pickle, arguments, 2, Kind::kTuple));
  const auto strides = Extents(pickle, Item(pickle, arguments, 3, Kind::kTuple));
  if (storage == nullptr || offset == nullptr || offset->integer < 0 || !shape.has_value() ||
      !strides.has_value() || shape->size() != strides->size()) {
    return Wrong("a tensor of something that is no storage, offset, shape and strides");
  }
  PickledTensor tensor = *storage->tensor;
  tensor.offset = offset->integer;
  tensor.shape = *shape;
  tensor.strides = *strides;
  if (!StaysInside(tensor)) return Wrong("a tensor that leaves its storage");
  // A stride that is never taken may be any number.
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] <= 1) tensor.strides[i] = 0;
  }
  return PickleValue{.kind = Kind::kTensor, .tensor = std::make_shared<PickledTensor>(std::move(tensor))};
}

}  // namespace

bool IsKnownGlobal(absl::string_view name) {
  return name == kOrderedDict || name == kTensor || name == kParameter ||
         StorageTypes().count(std::string(name)) > 0;
}

absl::StatusOr<PickleValue> MakeObject(const Pickle& pickle, const PickleValue& callee,
                                       const PickleValue& arguments) {
  if (callee.kind != Kind::kGlobal || arguments.kind != Kind::kTuple)
    return Wrong("an object of no known type");
  if (callee.text == kTensor) return MakeTensor(pickle, arguments);
  if (callee.text == kParameter) {
    const PickleValue* tensor = Item(pickle, arguments, 0, Kind::kTensor);
    if (tensor == nullptr) return Wrong("a parameter of something that is no tensor");
    return *tensor;
  }
  if (callee.text == kOrderedDict && arguments.items.empty()) return PickleValue{.kind = Kind::kDict};
  return Wrong(absl::StrCat("an object with arguments that it never has: ", callee.text));
}

absl::StatusOr<PickleValue> MakeStorage(const Pickle& pickle, const PickleValue& id) {
  const PickleValue* word = Item(pickle, id, 0, Kind::kText);
  const PickleValue* type = Item(pickle, id, 1, Kind::kGlobal);
  const PickleValue* key = Item(pickle, id, 2, Kind::kText);
  const PickleValue* values = Item(pickle, id, 4, Kind::kInteger);
  if (word == nullptr || word->text != "storage" || type == nullptr || key == nullptr || values == nullptr ||
      values->integer < 0 || key->text.size() > kMaxKeyBytes) {
    return Wrong("a storage without type, key and length");
  }
  const auto dtype = StorageTypes().find(type->text);
  if (dtype == StorageTypes().end()) return Wrong("a storage of no known type");
  PickledTensor storage;
  storage.dtype = dtype->second;
  storage.storage = key->text;
  storage.storage_values = values->integer;
  return PickleValue{.kind = Kind::kStorage, .tensor = std::make_shared<PickledTensor>(std::move(storage))};
}

}  // namespace consort
