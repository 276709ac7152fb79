// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/irc/irc_world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

// All memory of this program is counted, with what the allocator needs for each block.

namespace {
std::atomic<std::size_t> in_use{0};
constexpr std::size_t of_each_block = 8;
} // namespace

void* operator new(std::size_t size) {
  auto* block = std::malloc(size);
  if (block == nullptr)
    throw std::bad_alloc{};
  in_use += malloc_usable_size(block) + of_each_block;
  return block;
}
void operator delete(void* block) noexcept {
  if (block != nullptr)
    in_use -= malloc_usable_size(block) + of_each_block;
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}

namespace hamlet::irc {
namespace {

/// A client over TLS with a certificate that has registered and then talked a little.
std::unique_ptr<session> idle_client(std::shared_ptr<const policy> rules, std::int64_t id) {
  origin from;
  from.connection_id = id;
  from.address = "2001:db8:1234:5678:9abc:def0:1234:5678";
  channel line;
  line.is_tls = true;
  line.binding = {std::string(32, 'x'), std::string(32, 'y')};
  line.certificate = std::string(64, 'c');
  auto x = std::make_unique<session>(std::move(rules), from, line, std::string(24, 'n'));
  moment now{std::chrono::steady_clock::time_point{std::chrono::hours{1}}, 1};
  effects out;
  x->open(now, out);
  x->feed("CAP LS 302\r\nCAP REQ :batch labeled-response echo-message message-tags sasl\r\n"
          "NICK somebody\r\nUSER somebody 0 * :Some Body of the town\r\nCAP END\r\n",
          now, out);
  chat::v1::Reply r;
  for (auto& e : out)
    if (auto* question = std::get_if<ask>(&e))
      *r.mutable_who() = question->what.who();
  r.mutable_who()->set_host("abcdefghijklmnop.example.org");
  r.mutable_who()->set_user_modes("ixZ");
  r.set_session_id(id);
  x->on_reply(r, now, out);
  x->feed("JOIN #c\r\nPING x\r\n" + std::string(5000, '\n'), now, out);
  r.set_channel("#c");
  for (int i = 0; i < 100; ++i)
    r.add_members()->mutable_who()->set_nick("somebody" + std::to_string(i));
  x->on_reply(r, now, out);
  x->on_time(now, out);
  return x;
}

TEST(IdleClient, TakesLittleMemory) { // what it allocates for lines and questions is given back
  irc_world w;
  std::vector<std::unique_ptr<session>> all;
  constexpr std::size_t count = 100;
  all.reserve(count);
  idle_client(w.terms, 1); // tables that all share are made
  std::size_t before = in_use;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(idle_client(w.terms, static_cast<std::int64_t>(i) + 10));
  EXPECT_LT((in_use - before) / count, 1536u);
}

} // namespace
} // namespace hamlet::irc
