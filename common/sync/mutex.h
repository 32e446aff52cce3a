// std::mutex with clang's thread-safety annotations. absl::Mutex is not used: Debian's is not
// instrumented, and the thread sanitizer reports false races on what it guards.
#ifndef CONSORT_COMMON_SYNC_MUTEX_H_
#define CONSORT_COMMON_SYNC_MUTEX_H_

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define CONSORT_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define CONSORT_THREAD_ANNOTATION(x)
#endif
// LibTorch and Abseil define some of these names too; ours carry the project's prefix.
#define CONSORT_CAPABILITY(x) CONSORT_THREAD_ANNOTATION(capability(x))
#define CONSORT_SCOPED_CAPABILITY CONSORT_THREAD_ANNOTATION(scoped_lockable)
#define CONSORT_GUARDED_BY(x) CONSORT_THREAD_ANNOTATION(guarded_by(x))
#define CONSORT_REQUIRES(...) CONSORT_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define CONSORT_EXCLUDES(...) CONSORT_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define CONSORT_ACQUIRE(...) CONSORT_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define CONSORT_RELEASE(...) CONSORT_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define CONSORT_NO_THREAD_SAFETY_ANALYSIS CONSORT_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace consort {

class CONSORT_CAPABILITY("mutex") Mutex {
 public:
  void lock() CONSORT_ACQUIRE() { mutex_.lock(); }
  void unlock() CONSORT_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class CONSORT_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CONSORT_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() CONSORT_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds. Callers loop over their condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) CONSORT_REQUIRES(mutex) { condition_.wait(mutex); }
  // Returns false when `timeout` passed first.
  template <class Duration>
  bool WaitFor(Mutex& mutex, Duration timeout) CONSORT_REQUIRES(mutex) {
    return condition_.wait_for(mutex, timeout) == std::cv_status::no_timeout;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace consort

#endif  // CONSORT_COMMON_SYNC_MUTEX_H_
