#include "node/trainer/models/compute_threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <thread>

namespace consort::trainer {

int SetComputeThreads(int threads) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int wanted = threads > 0 ? threads : cores;
  at::set_num_threads(wanted);
  // OpenBLAS keeps a second crew of threads beside OpenMP's; the two take cores from each other (measured: a
  // training step takes half as long again). Our matrices are small, so it gets one. LibTorch has no call for
  // this, and other BLAS libraries that may be installed in its place lack the symbol.
  using SetBlasThreads = void (*)(int);
  if (auto* set = reinterpret_cast<SetBlasThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
  return wanted;
}

}  // namespace consort::trainer
