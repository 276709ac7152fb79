// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/session_peer.hpp"
#include "tests/gateway/smtp/smtp_world.hpp"

#include <memory>

namespace hamlet::smtp {

/// The pure session as the other end of a dialogue. README.md lists its directives and values.
class smtp_peer : public conformance::session_peer {
public:
  explicit smtp_peer(std::size_t piece) : session_peer{piece, "334 "} {}

  void send(std::string_view bytes) override;
  bool is_closed() override { return live().is_closed; }
  bool start_tls() override { return live().secure(binding()); }
  void hang_up() override { live().is_closed = true; }

  /// The file tells what comes in one packet: it cannot be played in pieces.
  bool is_about_packets() const { return is_about_packets_; }
  std::string broken_rule() { return live().fault; }

private:
  std::string heard() override { return live().heard(); }
  bool has_begun() const override { return world_ != nullptr; }
  void begin() override { live(); }
  std::optional<std::string> before(std::string_view word, std::string_view argument) override;
  std::optional<std::string> during(std::string_view word, std::string_view argument) override;
  /// The world, which begins with the first thing that happens in it.
  world& live();

  bool is_about_packets_ = false;
  world::setup setup_ = world::port_25();
  std::unique_ptr<world> world_;
};

} // namespace hamlet::smtp
