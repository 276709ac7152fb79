// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/transcript.hpp"
#include "tests/gateway/pop3/pop3_world.hpp"
#include "tests/support/scram_client.hpp"

#include <memory>

namespace hamlet::pop3 {

/// The pure session as the other end of a dialogue. README.md lists its directives and values.
class pop3_peer : public conformance::peer {
public:
  /// @param piece Octets of a packet; 0: as the file says.
  explicit pop3_peer(std::size_t piece) : piece_{piece} { setup_.nonce = "servernonce"; }

  std::optional<std::string> directive(std::string_view word, std::string_view argument) override;
  void send(std::string_view bytes) override;
  std::optional<std::string> next_line() override;
  bool is_closed() override { return live().is_closed; }
  bool start_tls() override { return live().secure(binding()); }
  void hang_up() override { live().time_out(); } // what the connection does then
  std::optional<std::string> value_of(std::string_view what) override;

private:
  static sasl::channel_binding binding() { return {"exporter", "end-point"}; }
  std::optional<std::string> before(std::string_view word, std::string_view argument);
  std::optional<std::string> during(std::string_view word, std::string_view argument);
  /// The world, which begins with the first thing that happens in it.
  world& live();

  std::size_t piece_;
  world::setup setup_;
  std::vector<std::pair<std::string, bool>> messages_;
  std::map<std::string, std::string, std::less<>> accounts_;
  std::optional<std::size_t> readable_;
  bool can_delete_ = true;
  auth::verdict verdict_ = auth::verdict::right;
  maildrop::status drop_ = maildrop::status::open;
  std::unique_ptr<world> world_;
  std::string unread_;
  std::string timestamp_; // as the client sees it
  std::string last_line_;
  std::optional<test::scram_client> scram_;
};

} // namespace hamlet::pop3
