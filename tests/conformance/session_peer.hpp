// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sasl/exchange.hpp"
#include "tests/conformance/transcript.hpp"
#include "tests/support/scram_client.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What the pure sessions of all protocols have in common as the other end of a dialogue.

namespace hamlet::conformance {

/// The first word and the rest.
std::pair<std::string, std::string> cut(std::string_view text);

/// Lines out of what a session says, and the client's part of SCRAM.
class session_peer : public peer {
public:
  /// @param piece Octets of a packet; 0: as the file says.
  /// @param challenge What comes before a challenge: "+ ", "334 ".
  session_peer(std::size_t piece, std::string challenge)
      : piece_{piece}, challenge_{std::move(challenge)} {}

  std::optional<std::string> directive(std::string_view word, std::string_view argument) override;
  std::optional<std::string> next_line() override;
  std::optional<std::string> value_of(std::string_view what) override;

protected:
  /// What the session has said since the last call.
  virtual std::string heard() = 0;
  virtual bool has_begun() const = 0;
  virtual void begin() = 0;
  /// A directive before the dialogue begins, and while it runs.
  virtual std::optional<std::string> before(std::string_view word, std::string_view argument) = 0;
  virtual std::optional<std::string> during(std::string_view word, std::string_view argument) = 0;

  /// What was said so far stays to be read by the dialogue.
  void keep_heard() { unread_ += heard(); }

  static sasl::channel_binding binding() { return {"exporter", "end-point"}; }

  const std::size_t piece_;
  std::string last_line_;

private:
  std::string challenge_;
  std::string unread_;
  std::optional<test::scram_client> scram_;
};

/// A test that plays each file of a folder.
struct ChatTest : testing::TestWithParam<std::filesystem::path> {};
std::string chat_name(const testing::TestParamInfo<std::filesystem::path>& info);

} // namespace hamlet::conformance
