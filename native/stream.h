// An in-order stream of commands with its own executor thread. The caller only queues; what it waits for
// comes by a callback on the executor thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace everlearn {

class Stream {
 public:
  using Work = std::function<void()>;
  // `error` is what the first command that failed since the last wait threw, or null.
  using Done = std::function<void(std::exception_ptr error)>;

  // `start` runs first on the executor thread, `finish` last. Where commands only launch, `complete` calls
  // back once what was launched so far is done; empty: commands are done when they return.
  Stream(std::function<void()> start, std::function<void()> finish, std::function<void(Done)> complete);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  // Drops what is still queued (its callbacks get the error STREAM_CLOSED) and waits for the command that
  // runs.
  ~Stream();

  // Runs `work` after everything queued before. When it throws, later commands are skipped until a wait has
  // seen it.
  void enqueue(Work work);
  // Runs `work` unless a command failed, then `done`. The failure is thereby seen and the stream works again.
  void wait(Work work, Done done);
  // Runs `cleanup` in order, also after a failure.
  void always(Work cleanup);
  // Calls `done` once at most `limit` commands are queued ahead of the executor; at once when that is so
  // already.
  void ready(size_t limit, Done done);

 private:
  struct Command {
    Work work;
    Done done;            // set: a wait
    bool always = false;  // runs after a failure too
  };
  struct Waiter {
    size_t limit;
    Done done;
  };

  void push(Command command);
  void run(const std::function<void()>& start, const std::function<void()>& finish);
  void execute(Command& command);

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Command> queue_;
  std::vector<Waiter> waiters_;
  bool closing_ = false;
  std::function<void(Done)> complete_;
  std::exception_ptr failure_;  // executor thread only
  std::thread executor_;
};

}  // namespace everlearn
