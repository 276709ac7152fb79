// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/conformance/session_peer.hpp"
#include "tests/gateway/pop3/pop3_world.hpp"

#include <memory>

namespace hamlet::pop3 {

/// The pure session as the other end of a dialogue. README.md lists its directives and values.
class pop3_peer : public conformance::session_peer {
public:
  explicit pop3_peer(std::size_t piece) : session_peer{piece, "+ "} {
    setup_.nonce = "servernonce";
  }

  void send(std::string_view bytes) override;
  std::optional<std::string> next_line() override;
  bool is_closed() override { return live().is_closed; }
  bool start_tls() override { return live().secure(binding()); }
  void hang_up() override { live().time_out(); } // what the connection does then
  std::optional<std::string> value_of(std::string_view what) override;

private:
  std::string heard() override { return live().heard(); }
  bool has_begun() const override { return world_ != nullptr; }
  void begin() override { live(); }
  std::optional<std::string> before(std::string_view word, std::string_view argument) override;
  std::optional<std::string> during(std::string_view word, std::string_view argument) override;
  /// The world, which begins with the first thing that happens in it.
  world& live();

  world::setup setup_;
  std::vector<std::pair<std::string, bool>> messages_;
  std::map<std::string, std::string, std::less<>> accounts_;
  std::optional<std::size_t> readable_;
  bool can_delete_ = true;
  auth::verdict verdict_ = auth::verdict::right;
  maildrop::status drop_ = maildrop::status::open;
  std::unique_ptr<world> world_;
  std::string timestamp_; // as the client sees it
};

} // namespace hamlet::pop3
