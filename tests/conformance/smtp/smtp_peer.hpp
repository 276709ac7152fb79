// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/transcript.hpp"
#include "tests/gateway/smtp/smtp_world.hpp"
#include "tests/support/scram_client.hpp"

#include <memory>

namespace hamlet::smtp {

/// The pure session as the other end of a dialogue. README.md lists its directives and values.
class smtp_peer : public conformance::peer {
public:
  /// @param piece Octets of a packet; 0: as the file says.
  explicit smtp_peer(std::size_t piece) : piece_{piece} {}

  std::optional<std::string> directive(std::string_view word, std::string_view argument) override;
  void send(std::string_view bytes) override;
  std::optional<std::string> next_line() override;
  bool is_closed() override { return live().is_closed; }
  bool start_tls() override { return live().secure(binding()); }
  void hang_up() override { live().is_closed = true; }
  std::optional<std::string> value_of(std::string_view what) override;

  /// The file tells what comes in one packet: it cannot be played in pieces.
  bool is_about_packets() const { return is_about_packets_; }
  std::string broken_rule() { return live().fault; }

private:
  static sasl::channel_binding binding() { return {"exporter", "end-point"}; }
  std::optional<std::string> before(std::string_view word, std::string_view argument);
  std::optional<std::string> during(std::string_view word, std::string_view argument);
  /// The world, which begins with the first thing that happens in it.
  world& live();

  std::size_t piece_;
  bool is_about_packets_ = false;
  world::setup setup_ = world::port_25();
  std::unique_ptr<world> world_;
  std::string unread_;
  std::string last_line_;
  std::optional<test::scram_client> scram_;
};

} // namespace hamlet::smtp
