// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/pop3/pop3_world.hpp"

#include <cstdint>
#include <cstdlib>

using namespace hamlet::pop3;

namespace {

world::setup setup_of(std::uint8_t choice) {
  world::setup x;
  x.line.is_tls = (choice & 1) != 0;
  if (x.line.is_tls)
    x.line.binding = {"exporter", "end-point"};
  x.rules.offers_tls = (choice & 2) != 0;
  x.rules.needs_tls_for_login = (choice & 4) != 0;
  x.rules.max_errors = 1000; // the fuzzer makes many
  return x;
}

/// Says yes to whoever asks, and has messages of each kind.
struct generous : world {
  explicit generous(std::uint8_t choice) : world{setup_of(choice)} {
    says_yes = true;
    add("Subject: one\r\n\r\n.\r\n..\r\nhello\r\n");
    add("Subject: nước\r\n\r\nx", true);
    add("");
    add("A: 1\n\n.\n" + std::string(70'000, '.'));
    if ((choice & 8) != 0)
      readable = choice >> 4;
    can_delete = (choice & 16) != 0;
  }
};

void check(bool holds) {
  if (!holds)
    std::abort();
}

std::string play(std::uint8_t choice, std::string_view input, std::size_t piece) {
  generous w{choice};
  w.send(input, piece);
  if (w.secure())
    w.send(input, piece);
  if (!w.is_closed)
    w.time_out();
  check(w.is_closed && !w.is_open);
  check(count<hang_up>(w.log) == 1);
  check(count<update>(w.log) <= 1);
  return w.heard();
}

} // namespace

// The first octet chooses the policy. However the input is split, the answers are the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096)
    return 0;
  std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto whole = play(data[0], input, 0);
  check(play(data[0], input, 1) == whole);
  check(play(data[0], input, 1 + data[0] % 13) == whole);
  return 0;
}
