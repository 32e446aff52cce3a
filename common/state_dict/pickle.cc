#include "common/state_dict/pickle.h"

#include <unordered_map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/state_dict/pickle_bytes.h"
#include "common/state_dict/pickle_objects.h"
#include "common/status/macros.h"

namespace consort {
namespace {

using Kind = PickleValue::Kind;

constexpr uint8_t kNewestProtocol = 5;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not-a-state-dict: the pickle cannot be read: ", what));
}

// The machine that a pickle is a program for, with a stack, marks on it and a memo.
class Machine {
 public:
  explicit Machine(absl::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<Pickle> Run() {
    while (!stopped_) {
      ASSIGN_OR_RETURN(const absl::string_view opcode, bytes_.Take(1));
      RETURN_IF_ERROR(Step(opcode[0]));
      if (pickle_.values.size() > kMaxPickleValues) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "not-a-state-dict: the pickle has more values than a model has: over ", kMaxPickleValues));
      }
    }
    ASSIGN_OR_RETURN(pickle_.root, Pop());
    return std::move(pickle_);
  }

 private:
  absl::Status Step(char opcode) {
    switch (opcode) {
      case 'N':
        return Push(PickleValue());
      case '\x88':
      case '\x89':
        return Push({.kind = Kind::kBool, .integer = opcode == '\x88'});
      case 'J':
      case 'K':
      case 'M':
      case '\x8a':
        return PushInteger(opcode);
      case 'G':
        RETURN_IF_ERROR(bytes_.Take(8).status());
        return Push({.kind = Kind::kReal});
      case 'X':
      case '\x8c':
      case '\x8d':
        return PushText(opcode);
      case '(':
        marks_.push_back(stack_.size());
        return absl::OkStatus();
      case '.':
        stopped_ = true;
        return absl::OkStatus();
      case '\x80':
        return CheckProtocol();
      case '\x95':  // a frame's length: where the reader may read ahead to
        return bytes_.Take(8).status();
      case 'q':
      case 'r':
      case '\x94':
      case 'h':
      case 'j':
        return Memo(opcode);
      default:
        return Container(opcode);
    }
  }

  absl::Status Container(char opcode) {
    switch (opcode) {
      case '}':
        return Push({.kind = Kind::kDict});
      case ']':
        return Push({.kind = Kind::kList});
      case ')':
        return Push({.kind = Kind::kTuple});
      case '\x85':
      case '\x86':
      case '\x87':
        return PushTuple(opcode - '\x84');
      case 't': {
        ASSIGN_OR_RETURN(const size_t count, PopMark());
        return PushTuple(count);
      }
      case 'a':
        return AddItems(Kind::kList, 1);
      case 's':
        return AddItems(Kind::kDict, 2);
      case 'e':
      case 'u': {
        ASSIGN_OR_RETURN(const size_t count, PopMark());
        return AddItems(opcode == 'e' ? Kind::kList : Kind::kDict, count);
      }
      default:
        return Object(opcode);
    }
  }

  absl::Status Object(char opcode) {
    switch (opcode) {
      case 'c': {
        ASSIGN_OR_RETURN(const absl::string_view module, bytes_.TakeLine());
        ASSIGN_OR_RETURN(const absl::string_view name, bytes_.TakeLine());
        return PushGlobal(absl::StrCat(module, ".", name));
      }
      case '\x93': {
        ASSIGN_OR_RETURN(const uint32_t name, Pop());
        ASSIGN_OR_RETURN(const uint32_t module, Pop());
        if (At(name).kind != Kind::kText || At(module).kind != Kind::kText)
          return Wrong("a global has no name");
        return PushGlobal(absl::StrCat(At(module).text, ".", At(name).text));
      }
      case 'R': {
        ASSIGN_OR_RETURN(const uint32_t arguments, Pop());
        ASSIGN_OR_RETURN(const uint32_t callee, Pop());
        ASSIGN_OR_RETURN(PickleValue made, MakeObject(pickle_, At(callee), At(arguments)));
        return Push(std::move(made));
      }
      case 'Q': {
        ASSIGN_OR_RETURN(const uint32_t id, Pop());
        ASSIGN_OR_RETURN(PickleValue storage, MakeStorage(pickle_, At(id)));
        return Push(std::move(storage));
      }
      case 'b': {  // attributes: a state dict's _metadata, which says nothing of values
        RETURN_IF_ERROR(Pop().status());
        if (stack_.empty() || At(stack_.back()).kind != Kind::kDict) return Wrong("attributes of no dict");
        return absl::OkStatus();
      }
      default:
        return Wrong(absl::StrCat("opcode 0x", absl::BytesToHexString(absl::string_view(&opcode, 1)),
                                  " has no place in a state dict, ", bytes_.left(), " bytes before its end"));
    }
  }

  absl::Status CheckProtocol() {
    ASSIGN_OR_RETURN(const uint64_t version, bytes_.Unsigned(1));
    if (version > kNewestProtocol) return Wrong("its protocol is newer than 5");
    return absl::OkStatus();
  }

  absl::Status PushInteger(char opcode) {
    uint64_t width = opcode == 'K' ? 1 : opcode == 'M' ? 2 : 4;
    if (opcode == '\x8a') {
      ASSIGN_OR_RETURN(width, bytes_.Unsigned(1));
    }
    if (opcode == 'K' || opcode == 'M') {
      ASSIGN_OR_RETURN(const uint64_t value, bytes_.Unsigned(width));
      return Push({.kind = Kind::kInteger, .integer = static_cast<int64_t>(value)});
    }
    ASSIGN_OR_RETURN(const int64_t value, bytes_.Signed(width));
    return Push({.kind = Kind::kInteger, .integer = value});
  }

  absl::Status PushText(char opcode) {
    ASSIGN_OR_RETURN(const uint64_t size, bytes_.Unsigned(opcode == 'X' ? 4 : opcode == '\x8c' ? 1 : 8));
    ASSIGN_OR_RETURN(const absl::string_view text, bytes_.Take(size));
    return Push({.kind = Kind::kText, .text = std::string(text)});
  }

  absl::Status PushGlobal(const std::string& name) {
    if (!IsKnownGlobal(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("not-a-state-dict: the file wants to call code, which is never done; save "
                       "model.state_dict() alone and import that: it names ",
                       absl::CHexEscape(name)));
    }
    return Push({.kind = Kind::kGlobal, .text = name});
  }

  absl::Status Memo(char opcode) {
    uint64_t key = memo_.size();
    if (opcode != '\x94') {
      ASSIGN_OR_RETURN(key, bytes_.Unsigned(opcode == 'q' || opcode == 'h' ? 1 : 4));
    }
    if (opcode == 'h' || opcode == 'j') {
      const auto found = memo_.find(key);
      if (found == memo_.end()) return Wrong("it recalls what it never kept");
      stack_.push_back(found->second);
      return absl::OkStatus();
    }
    if (stack_.empty()) return Wrong("its stack is empty");
    memo_[key] = stack_.back();
    return absl::OkStatus();
  }

  // The number of values above the last mark, which is taken away.
  absl::StatusOr<size_t> PopMark() {
    if (marks_.empty() || marks_.back() > stack_.size()) return Wrong("a mark is missing");
    const size_t count = stack_.size() - marks_.back();
    marks_.pop_back();
    return count;
  }

  absl::StatusOr<uint32_t> Pop() {
    if (stack_.empty()) return Wrong("its stack is empty");
    const uint32_t top = stack_.back();
    stack_.pop_back();
    return top;
  }

  absl::StatusOr<std::vector<uint32_t>> PopItems(size_t count) {
    if (count > stack_.size()) return Wrong("its stack is empty");
    std::vector<uint32_t> items(stack_.end() - count, stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  absl::Status PushTuple(size_t count) {
    ASSIGN_OR_RETURN(std::vector<uint32_t> items, PopItems(count));
    return Push({.kind = Kind::kTuple, .items = std::move(items)});
  }

  absl::Status AddItems(Kind kind, size_t count) {
    ASSIGN_OR_RETURN(const std::vector<uint32_t> items, PopItems(count));
    if (stack_.empty() || At(stack_.back()).kind != kind) return Wrong("items of something that holds none");
    if (kind == Kind::kDict && count % 2 != 0) return Wrong("a key without a value");
    std::vector<uint32_t>& held = pickle_.values[stack_.back()].items;
    held.insert(held.end(), items.begin(), items.end());
    return absl::OkStatus();
  }

  const PickleValue& At(uint32_t index) const { return pickle_.values[index]; }

  absl::Status Push(PickleValue value) {
    stack_.push_back(static_cast<uint32_t>(pickle_.values.size()));
    pickle_.values.push_back(std::move(value));
    return absl::OkStatus();
  }

  PickleBytes bytes_;
  Pickle pickle_;
  std::vector<uint32_t> stack_;  // indices of values
  std::vector<size_t> marks_;    // heights of the stack
  std::unordered_map<uint64_t, uint32_t> memo_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<Pickle> ReadPickle(absl::string_view bytes) {
  if (bytes.size() > kMaxPickleBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("not-a-state-dict: the pickle has ", bytes.size(),
                                                     " bytes, at most ", kMaxPickleBytes, " are read"));
  }
  return Machine(bytes).Run();
}

}  // namespace consort
