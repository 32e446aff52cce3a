// Compiles a function once for each of a few instruction sets; the loader picks the best one the processor
// has.
#ifndef CONSORT_COMMON_UPDATE_VECTOR_CLONES_H_
#define CONSORT_COMMON_UPDATE_VECTOR_CLONES_H_

// Results must not depend on which clone runs: files that use this are compiled with -ffp-contract=off, so
// that no clone fuses a multiplication with an addition. Sanitized builds have one version, since the
// sanitizers' runtimes are not ready when the loader picks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CONSORT_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define CONSORT_VECTOR_CLONES
#endif

#endif  // CONSORT_COMMON_UPDATE_VECTOR_CLONES_H_
