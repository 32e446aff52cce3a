# What a sanitized build (CONSORT_SANITIZE; presets asan, tsan and fuzz) adds to the tests: the sanitizers' options, and
# the label `tsan` on every test that runs more than one thread. tests/sanitize builds and runs them.
set(CONSORT_THREADED_TESTS
    # threads of our own
    thread_executor_test artifact_test tcp_relay_test aggregation_test bulk_gate_test coordinator_config_test
    round_engine_test restart_test trainer_sample_cache_test ledger_threads_test
    # servers and clients in one process
    metrics_test rpc_tls_test coordinator_rpc_test session_service_test node_rpc_test node_app_test
    # our programs as processes
    trainer_process_test coordinator_program_test federation_test)

# Leaks are looked for with ptrace, which our programs' sandbox denies: tests that start those programs (label
# `integration`) look for everything else.
set(CONSORT_SANITIZER_ENVIRONMENT
    "ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1"
    "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1"
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/sanitizers/tsan.supp:halt_on_error=1:second_deadlock_stack=1")

add_custom_target(threaded_tests)  # everything that ctest -L tsan runs

# consort_sanitize_test(NAME LABELS ...): called for each test where it is made.
function(consort_sanitize_test name)
  if(name IN_LIST CONSORT_THREADED_TESTS)
    set_property(TEST ${name} APPEND PROPERTY LABELS tsan)
    add_dependencies(threaded_tests ${name})
  endif()
  if(CONSORT_SANITIZE)
    set(environment ${CONSORT_SANITIZER_ENVIRONMENT})
    if("integration" IN_LIST ARGN)
      list(TRANSFORM environment REPLACE "^ASAN_OPTIONS=" "ASAN_OPTIONS=detect_leaks=0:")
    endif()
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "${environment}")
  endif()
endfunction()
