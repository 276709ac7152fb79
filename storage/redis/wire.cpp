// SPDX-License-Identifier: Apache-2.0
#include "storage/redis/wire.hpp"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <utility>

namespace hamlet::redis {

wire::~wire() {
  close();
}

result<void_t> wire::open(const std::string& host, std::uint16_t port) {
  close();
  auto* c = redisAsyncConnect(host.c_str(), port);
  if (c == nullptr)
    return fail(errc::store_failed, "out of memory");
  if (c->err != 0) {
    std::string why = c->errstr;
    redisAsyncFree(c);
    return fail(errc::store_failed, why);
  }
  context_ = c;
  c->ev.data = this;
  c->ev.addRead = [](void* self) { of(self).wanted_ |= POLLIN; };
  c->ev.delRead = [](void* self) { of(self).wanted_ &= ~POLLIN; };
  c->ev.addWrite = [](void* self) { of(self).wanted_ |= POLLOUT; };
  c->ev.delWrite = [](void* self) { of(self).wanted_ &= ~POLLOUT; };
  c->ev.cleanup = [](void* self) { // hiredis frees it, whoever has closed it
    of(self).context_ = nullptr;
    of(self).wanted_ = 0;
  };
  wanted_ = POLLOUT; // writable: connected, or refused
  return void_t{};
}

void wire::close() {
  if (auto* c = std::exchange(context_, nullptr))
    redisAsyncFree(c);
  wanted_ = 0;
}

bool wire::ask(const std::vector<std::string>& words, on_reply then) {
  if (context_ == nullptr)
    return false;
  std::vector<const char*> at;
  std::vector<std::size_t> sizes;
  for (auto& x : words) {
    at.push_back(x.data());
    sizes.push_back(x.size());
  }
  auto waiting = std::make_unique<on_reply>(std::move(then));
  auto* answered = +[](redisAsyncContext*, void* reply, void* mine) {
    std::unique_ptr<on_reply> x{static_cast<on_reply*>(mine)};
    (*x)(static_cast<const redisReply*>(reply));
  };
  // A subscription's is called again and again, and a last time without a reply.
  auto* heard = +[](redisAsyncContext*, void* reply, void* mine) {
    std::unique_ptr<on_reply> x{static_cast<on_reply*>(mine)};
    (*x)(static_cast<const redisReply*>(reply));
    if (reply != nullptr)
      (void)x.release();
  };
  auto* called = words.front() == "SUBSCRIBE" ? heard : answered;
  auto status = redisAsyncCommandArgv(context_, called, waiting.get(),
                                      static_cast<int>(words.size()), at.data(), sizes.data());
  if (status != REDIS_OK)
    return false;
  (void)waiting.release();
  return true;
}

pollfd wire::interest() const {
  return {context_ != nullptr ? context_->c.fd : -1, wanted_, 0};
}

void wire::run(short happened) {
  if (context_ != nullptr && (happened & (POLLIN | POLLERR | POLLHUP)) != 0)
    redisAsyncHandleRead(context_);
  if (context_ != nullptr && (happened & POLLOUT) != 0)
    redisAsyncHandleWrite(context_);
}

} // namespace hamlet::redis
