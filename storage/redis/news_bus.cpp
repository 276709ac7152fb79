// SPDX-License-Identifier: Apache-2.0
#include "storage/redis/news_bus.hpp"

#include "lib/log/log.hpp"
#include "storage/redis/wire.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <string_view>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace std::chrono_literals;

namespace hamlet::redis {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto ask_every = 2s;      // whether a connection still lives
constexpr auto silence = 4s;        // then it does not
constexpr auto first_pause = 100ms; // before the next attempt; doubled each time
constexpr auto longest_pause = 5s;
constexpr auto forget_after = "3600"; // seconds: of a node that publishes no more

// Stored and told in one step. A parcel that is there already is told all the same.
constexpr std::string_view script = //
  "redis.pcall('XADD',KEYS[1],'MAXLEN','~',ARGV[1],ARGV[2],'b',ARGV[3]) "
  "redis.call('EXPIRE',KEYS[1],ARGV[4]) "
  "return redis.call('PUBLISH',KEYS[2],ARGV[3])";

std::string text_of(const redisReply& x) {
  return x.str == nullptr ? std::string{} : std::string{x.str, static_cast<std::size_t>(x.len)};
}

bool is_error(const redisReply* x) {
  return x == nullptr || x->type == REDIS_REPLY_ERROR;
}

} // namespace

class news_bus::loop {
public:
  loop(bus_options with, on_parcel heard, on_state changed)
      : with_{std::move(with)}, heard_{std::move(heard)}, changed_{std::move(changed)},
        bell_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    thread_ = std::thread{[this] { work(); }};
  }
  ~loop() {
    ends_ = true;
    ring();
    thread_.join();
    ::close(bell_);
  }

  bool is_up() const { return is_up_; }

  bool reserve(std::size_t octets) {
    if (!is_up_)
      return false;
    if (unconfirmed_.fetch_add(octets) + octets <= with_.queue)
      return true;
    unconfirmed_ -= octets;
    return false;
  }

  void later(std::function<void()> job) {
    {
      std::lock_guard lock{mutex_};
      jobs_.push_back(std::move(job));
    }
    ring();
  }

  // -- on the thread of the bus --
  void publish(std::int64_t from, std::uint64_t first, const std::string& bytes) {
    auto done = [this, octets = bytes.size()](const redisReply* x) {
      unconfirmed_ -= octets;
      if (x != nullptr && x->type == REDIS_REPLY_ERROR)
        lose(text_of(*x));
    };
    if (!commands_.ask({"EVAL", std::string{script}, "2", stream_of(from), channel(),
                        std::to_string(with_.keep), std::to_string(first) + "-0", bytes,
                        forget_after},
                       done))
      unconfirmed_ -= bytes.size();
  }

  void fetch(std::int64_t from, std::uint64_t first, std::size_t at_most, const on_fetched& done) {
    auto then = [done](const redisReply* x) {
      if (is_error(x) || x->type != REDIS_REPLY_ARRAY)
        return done(fail(errc::store_failed, x != nullptr ? text_of(*x) : "connection lost"));
      std::vector<std::string> all;
      for (std::size_t i = 0; i < x->elements; ++i) {
        auto& entry = *x->element[i]; // id, [name, value]
        if (entry.elements == 2 && entry.element[1]->elements == 2)
          all.push_back(text_of(*entry.element[1]->element[1]));
      }
      done(std::move(all));
    };
    if (!commands_.ask({"XRANGE", stream_of(from), std::to_string(first) + "-0", "+", "COUNT",
                        std::to_string(at_most)},
                       then))
      done(fail(errc::store_failed, "no connection"));
  }

private:
  std::string channel() const { return "hamlet:" + with_.cluster + ":news"; }
  std::string stream_of(std::int64_t from) const { return channel() + ":" + std::to_string(from); }

  void ring() {
    std::uint64_t one = 1;
    (void)!::write(bell_, &one, sizeof one); // full: it rings already
  }

  void work() {
    sigset_t pipe; // hiredis writes without MSG_NOSIGNAL
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (!ends_) {
      tend();
      std::array<pollfd, 3> all{commands_.interest(), ears_.interest(), pollfd{bell_, POLLIN, 0}};
      (void)::poll(all.data(), all.size(), static_cast<int>(pause().count()));
      commands_.run(all[0].revents);
      ears_.run(all[1].revents);
      if (all[2].revents != 0) {
        std::uint64_t rung = 0;
        (void)!::read(bell_, &rung, sizeof rung);
      }
      std::vector<std::function<void()>> jobs;
      {
        std::lock_guard lock{mutex_};
        jobs.swap(jobs_);
      }
      for (auto& job : jobs)
        job();
      if (is_up_ && (!commands_.is_open() || !ears_.is_open()))
        lose("connection lost");
    }
    commands_.close();
    ears_.close();
  }

  std::chrono::milliseconds pause() const {
    auto until = commands_.is_open() || ears_.is_open() ? ask_at_ : try_at_;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    return std::clamp<std::chrono::milliseconds>(left, 1ms, 1s);
  }

  void tend() {
    auto now = clock::now();
    if (!commands_.is_open() || !ears_.is_open()) {
      if (is_trying_)
        return lose("cannot be reached");
      if (now >= try_at_)
        connect(now);
      return;
    }
    if (now - answered_ > silence || now - heard_at_ > silence)
      return lose("does not answer");
    if (now < ask_at_)
      return;
    ask_at_ = now + ask_every;
    commands_.ask({"PING"}, [this](const redisReply* x) {
      if (!is_error(x))
        answered_ = clock::now();
    });
    if (is_up_) // what is published comes back: the subscription lives
      commands_.ask({"PUBLISH", channel(), ""}, [](const redisReply*) {});
  }

  void connect(clock::time_point now) {
    is_trying_ = true;
    try_at_ = now + pause_;
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, longest_pause);
    answered_ = heard_at_ = now;
    ask_at_ = now + ask_every;
    is_subscribed_ = is_answered_ = false;
    if (!commands_.open(with_.host, with_.port) || !ears_.open(with_.host, with_.port))
      return;
    for (auto* x : {&commands_, &ears_})
      if (!with_.password.empty())
        x->ask(with_.user.empty() ? std::vector<std::string>{"AUTH", with_.password}
                                  : std::vector<std::string>{"AUTH", with_.user, with_.password},
               [this](const redisReply* answer) {
                 if (answer != nullptr && answer->type == REDIS_REPLY_ERROR)
                   lose(text_of(*answer));
               });
    commands_.ask({"PING"}, [this](const redisReply* x) {
      if (is_error(x))
        return x != nullptr ? lose(text_of(*x)) : void();
      is_answered_ = true;
      may_be_up();
    });
    ears_.ask({"SUBSCRIBE", channel()}, [this](const redisReply* x) { hear(x); });
  }

  void hear(const redisReply* x) {
    if (x == nullptr)
      return;
    if (x->type == REDIS_REPLY_ERROR)
      return lose(text_of(*x));
    heard_at_ = clock::now();
    if (x->type != REDIS_REPLY_ARRAY || x->elements != 3)
      return;
    auto kind = text_of(*x->element[0]);
    if (kind == "subscribe") {
      is_subscribed_ = true;
      may_be_up();
    } else if (kind == "message" && x->element[2]->len > 0) {
      heard_(text_of(*x->element[2]));
    }
  }

  void may_be_up() {
    if (!is_subscribed_ || !is_answered_ || is_up_)
      return;
    is_trying_ = false;
    is_silent_ = false;
    pause_ = first_pause;
    is_up_ = true;
    log::info("redis", "connected", {{"host", with_.host}, {"port", std::int64_t{with_.port}}});
    changed_(true);
  }

  /// Both connections go, and are made anew. Also from inside of an answer: then what is left of
  /// them is closed by the next turn of the loop.
  void lose(const std::string& why) {
    is_trying_ = false;
    if (!std::exchange(is_silent_, true))
      log::warning("redis", "not connected",
                   {{"host", with_.host}, {"port", std::int64_t{with_.port}}, {"why", why}});
    auto was_up = is_up_.exchange(false);
    later([this] {
      commands_.close();
      ears_.close();
    });
    if (was_up)
      changed_(false);
  }

  const bus_options with_;
  const on_parcel heard_;
  const on_state changed_;
  const int bell_;
  std::thread thread_;
  std::atomic<bool> ends_ = false, is_up_ = false;
  std::atomic<std::size_t> unconfirmed_ = 0;
  std::mutex mutex_;
  std::vector<std::function<void()>> jobs_;

  // Of the thread.
  wire commands_, ears_;
  bool is_trying_ = false; ///< connections have been begun
  bool is_answered_ = false, is_subscribed_ = false;
  bool is_silent_ = false; ///< it is in the log already that there is no Redis
  clock::time_point try_at_{}, ask_at_{}, answered_{}, heard_at_{};
  std::chrono::milliseconds pause_ = first_pause;
};

news_bus::news_bus(bus_options with, on_parcel heard, on_state changed)
    : loop_{std::make_unique<loop>(std::move(with), std::move(heard), std::move(changed))} {
}

news_bus::~news_bus() = default;

bool news_bus::is_up() const {
  return loop_->is_up();
}

bool news_bus::publish(std::int64_t from, std::uint64_t first, std::string bytes) {
  if (!loop_->reserve(bytes.size()))
    return false;
  loop_->later(
    [this, from, first, bytes = std::move(bytes)] { loop_->publish(from, first, bytes); });
  return true;
}

void news_bus::fetch(std::int64_t from, std::uint64_t first, std::size_t at_most, on_fetched done) {
  loop_->later([this, from, first, at_most, done = std::move(done)] {
    loop_->fetch(from, first, at_most, done);
  });
}

} // namespace hamlet::redis
