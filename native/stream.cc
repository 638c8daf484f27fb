#include "stream.h"

#include <utility>

#include "error.h"

namespace everlearn {

Stream::Stream(std::function<void()> start, std::function<void()> finish, std::function<void(Done)> complete)
    : complete_(std::move(complete)),
      executor_([this, start = std::move(start), finish = std::move(finish)] { run(start, finish); }) {}

Stream::~Stream() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrived_.notify_one();
  executor_.join();
}

void Stream::push(Command command) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(command));
  }
  arrived_.notify_one();
}

void Stream::enqueue(Work work) { push({std::move(work), nullptr, false}); }

void Stream::wait(Work work, Done done) { push({std::move(work), std::move(done), false}); }

void Stream::always(Work cleanup) { push({std::move(cleanup), nullptr, true}); }

void Stream::ready(size_t limit, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() > limit) {
      waiters_.push_back({limit, std::move(done)});
      return;
    }
  }
  done(nullptr);
}

void Stream::execute(Command& command) {
  if (command.work && (!failure_ || command.always)) {
    try {
      command.work();
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
  }
  if (!command.done) return;
  auto failure = std::exchange(failure_, nullptr);
  if (!complete_) return command.done(std::move(failure));
  complete_([done = std::move(command.done), failure = std::move(failure)](std::exception_ptr later) {
    done(failure ? failure : std::move(later));
  });
}

void Stream::run(const std::function<void()>& start, const std::function<void()>& finish) {
  start();
  for (;;) {
    Command command;
    std::vector<Done> now_ready;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (closing_) break;
      command = std::move(queue_.front());
      queue_.pop_front();
      std::erase_if(waiters_, [&](Waiter& waiter) {
        if (queue_.size() > waiter.limit) return false;
        now_ready.push_back(std::move(waiter.done));
        return true;
      });
    }
    for (const Done& done : now_ready) done(nullptr);
    execute(command);
  }
  const auto closed = std::make_exception_ptr(
      state_error("STREAM_CLOSED",
                  "the device was closed before this finished: await device.synchronize() before close()"));
  for (Command& command : queue_) {
    if (command.always) execute(command);
    if (command.done) command.done(closed);
  }
  for (Waiter& waiter : waiters_) waiter.done(closed);
  finish();
}

}  // namespace everlearn
