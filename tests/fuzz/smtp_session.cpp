// SPDX-License-Identifier: Apache-2.0
#include "tests/gateway/smtp/smtp_world.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

// The first two octets choose the port, the limits and the answers of the world; the others are
// what the client sends. Cut into any packets it must hear and do the same. The world watches the
// rules of session.hpp.

namespace {

using namespace hamlet::smtp;

enum flag : unsigned {
  is_submission = 1,
  is_tls = 2,
  is_tolerant = 4,
  is_tight = 8,  ///< small limits
  is_moody = 16, ///< some answers are no
  is_long = 32,  ///< octet 0xfd stands for a long text
  is_wild = 64,  ///< the node stops, clients fall silent, answers come late
};

/// The same numbers for the same input, whatever the pieces.
class dice {
public:
  explicit dice(std::uint32_t seed) : x_{seed * 2654435761u + 1} {}
  std::uint32_t operator()(std::uint32_t below) {
    x_ ^= x_ << 13;
    x_ ^= x_ >> 17;
    x_ ^= x_ << 5;
    return x_ % below;
  }

private:
  std::uint32_t x_;
};

world::setup setup_of(unsigned flags) {
  auto s = (flags & is_submission) != 0 ? world::port_587() : world::port_25();
  s.line.is_tls = (flags & is_tls) != 0;
  if (s.line.is_tls)
    s.line.binding.tls_exporter = "exporter";
  if ((flags & is_tolerant) != 0)
    s.rules.stray = bare_newline::normalise;
  if ((flags & is_tight) != 0) {
    s.rules.max_message = 200;
    s.rules.max_recipients = 2;
    s.rules.max_transactions = 3;
    s.rules.max_line = 64;
    s.rules.max_auth_line = 128;
    s.rules.max_received = 2;
    s.rules.errors_before_rest = 2;
    s.rules.max_errors = 5;
    s.rules.max_idle_commands = 5;
  }
  return s;
}

struct played {
  std::string heard;
  std::string mail;
  bool asked_tls = false; ///< what comes behind STARTTLS in its packet is lost, by design
};

void check(const world& w) {
  if (w.fault.empty())
    return;
  std::fprintf(stderr, "broken: %s\n", w.fault.c_str());
  std::abort();
}

played play(unsigned flags, std::uint32_t seed, std::string_view bytes, std::size_t piece) {
  world w{setup_of(flags)};
  dice answers{seed};
  if ((flags & is_moody) != 0)
    w.judge_rcpt = [&](const ask_rcpt&) {
      w.verdict = answers(3) == 0 ? reply{451, "4.3.0 Later"} : reply{250, "2.0.0 Ok"};
      w.stored = answers(3) == 0 ? reply{452, "4.3.1 No space"} : reply{250, "2.0.0 Ok"};
      w.verdict_if_right = static_cast<hamlet::auth::verdict>(answers(5));
      return answers(3) == 0 ? reply{550, "5.1.1 No\nmore\r\x01"} : reply{250, "2.1.5 Ok"};
    };
  dice moves{seed + 1};
  played p;
  while (!bytes.empty() && !w.is_closed) {
    auto part = bytes.substr(0, piece == 0 ? 1 + moves(50) : piece);
    bytes.remove_prefix(part.size());
    if ((flags & is_wild) != 0 && piece == 0) {
      w.holds = moves(4) == 0;
      if (!w.holds)
        w.answer_held();
      if (moves(100) == 0)
        w.time_out();
      if (moves(100) == 0)
        w.shut_down();
    }
    w.send(part);
    p.asked_tls |= w.wants_tls;
    w.secure();
    check(w);
  }
  p.heard = w.heard();
  for (auto& x : w.accepted)
    p.mail += x.env.from.text() + '\n' + x.text + '\n';
  return p;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  unsigned flags = data[0];
  std::uint32_t seed = data[1];
  std::string bytes;
  for (auto octet : std::string_view{reinterpret_cast<const char*>(data) + 2, size - 2})
    if (octet == '\xfd' && (flags & is_long) != 0 && bytes.size() < 400'000)
      for (int i = 0; i < 2000; ++i)
        bytes += "Received: a line of forty octets in all\r\n";
    else
      bytes += octet;
  auto whole = play(flags, seed, bytes, bytes.size() + 1);
  auto cut = play(flags, seed, bytes, 0);
  auto is_same = whole.heard == cut.heard && whole.mail == cut.mail;
  auto may_differ = (flags & is_wild) != 0 || whole.asked_tls || cut.asked_tls
                    || whole.heard.find("554 5.5.0") != std::string::npos; // only whole can tell
  if (!is_same && !may_differ) {
    std::fprintf(stderr, "whole:\n%s\ncut:\n%s\n", whole.heard.c_str(), cut.heard.c_str());
    std::abort();
  }
  return 0;
}
