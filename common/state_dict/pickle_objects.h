// The few things that a state dict's pickle builds by name.
#ifndef CONSORT_COMMON_STATE_DICT_PICKLE_OBJECTS_H_
#define CONSORT_COMMON_STATE_DICT_PICKLE_OBJECTS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/state_dict/pickle.h"

namespace consort {

bool IsKnownGlobal(absl::string_view name);

// What `callee` returns for a tuple of arguments: an empty dict or a tensor. Errors: InvalidArgument
// "not-a-state-dict: ..." for arguments of other kinds, or a tensor that leaves its storage.
absl::StatusOr<PickleValue> MakeObject(const Pickle& pickle, const PickleValue& callee,
                                       const PickleValue& arguments);

// The storage of a persistent id: ('storage', type, key, device, number of values). Errors: as MakeObject.
absl::StatusOr<PickleValue> MakeStorage(const Pickle& pickle, const PickleValue& id);

}  // namespace consort

#endif  // CONSORT_COMMON_STATE_DICT_PICKLE_OBJECTS_H_
