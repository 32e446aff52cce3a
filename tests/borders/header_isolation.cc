// Compiles if every public header outside node/trainer compiles here and none of them brings LibTorch along.
#include "all_headers.inc"

#if defined(C10_API)
#error "a public header pulls in LibTorch: move the include to its .cc"
#endif
