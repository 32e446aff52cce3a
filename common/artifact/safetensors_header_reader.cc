#include "common/artifact/safetensors_header_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace consort {
namespace {

constexpr char kMetadataKey[] = "__metadata__";
constexpr size_t kMaxNameBytes = 1024;  // longer names are an attack or a mistake; the field's stay under 200
constexpr size_t kMaxDimensions = 16;   // LibTorch's own limit is 64, models use 4

// Names stand in digests with LF as separator, in ledgers and on terminals.
bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// Each event returns false to stop the parse; `error` then says why.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsJson out;
  std::string error;

  bool null() override { return Refuse("a null"); }
  bool boolean(bool) override { return Refuse("a boolean"); }
  bool number_integer(number_integer_t) override { return Refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return Refuse("a number that is no integer");
  }
  bool binary(binary_t&) override { return Refuse("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return Refuse("a number past 2^63 - 1");
    if (place_ == Place::kShape && tensor_.shape.size() < kMaxDimensions) {
      tensor_.shape.push_back(static_cast<int64_t>(value));
      return true;
    }
    if (place_ == Place::kOffsets && offsets_ < 2) {
      (offsets_++ == 0 ? tensor_.begin : tensor_.end) = value;
      return true;
    }
    return Refuse("a number");
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) {
      out.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::kTensor || key_ != "dtype") return Refuse("a string");
    tensor_.dtype = value;
    return true;
  }

  bool start_object(size_t) override {
    if (place_ == Place::kStart) return Enter(Place::kTop);
    if (place_ != Place::kTop) return Refuse("an object");
    if (key_ == kMetadataKey) return Enter(Place::kMetadata);
    tensor_ = TensorInfo{key_};
    fields_ = 0;
    return Enter(Place::kTensor);
  }

  bool key(string_t& value) override {
    key_ = value;
    switch (place_) {
      case Place::kTop:
        if (value == kMetadataKey) return has_metadata_ ? RefuseDuplicate() : (has_metadata_ = true);
        if (!IsName(value)) return Fail("a tensor's name is empty, too long or holds control characters");
        return out.tensors.count(value) != 0 ? RefuseDuplicate() : true;
      case Place::kMetadata:
        return out.metadata.count(value) != 0 ? RefuseDuplicate() : true;
      default:
        return TakeField();
    }
  }

  bool end_object() override {
    if (place_ == Place::kTop) return Enter(Place::kEnd);
    if (place_ == Place::kTensor) {
      if (fields_ != kAllFields) return Fail("a tensor lacks dtype, shape or data_offsets");
      out.tensors.emplace(tensor_.name, tensor_);
    }
    return Enter(Place::kTop);
  }

  bool start_array(size_t) override {
    if (place_ == Place::kTensor && key_ == "shape") return Enter(Place::kShape);
    if (place_ != Place::kTensor || key_ != "data_offsets") return Refuse("a list");
    offsets_ = 0;
    return Enter(Place::kOffsets);
  }

  bool end_array() override {
    if (place_ == Place::kOffsets && offsets_ != 2) return Fail("data_offsets is not a list of two numbers");
    return Enter(Place::kTensor);
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return Fail(absl::StrCat("not JSON at byte ", position));
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kShape, kOffsets, kEnd };
  static constexpr int kAllFields = 7;

  bool Enter(Place place) {
    place_ = place;
    return true;
  }
  bool Fail(std::string why) {
    error = std::move(why);
    return false;
  }
  bool Refuse(absl::string_view what) {
    return Fail(absl::StrCat(what, " stands where the format has none"));
  }
  bool RefuseDuplicate() { return Fail("a key stands twice"); }

  bool TakeField() {
    const int field = key_ == "dtype" ? 1 : key_ == "shape" ? 2 : key_ == "data_offsets" ? 4 : 0;
    if (field == 0) return Fail("a tensor has a member that the format does not know");
    if ((fields_ & field) != 0) return RefuseDuplicate();
    fields_ |= field;
    return true;
  }

  Place place_ = Place::kStart;
  std::string key_;
  TensorInfo tensor_;
  int fields_ = 0;
  int offsets_ = 0;
  bool has_metadata_ = false;
};

}  // namespace

absl::StatusOr<SafetensorsJson> ReadSafetensorsJson(absl::string_view json) {
  Reader reader;
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) {
    return absl::InvalidArgumentError(absl::StrCat("the safetensors header is malformed: ", reader.error));
  }
  return std::move(reader.out);
}

}  // namespace consort
