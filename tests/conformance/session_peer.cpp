// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/session_peer.hpp"

#include "lib/text/base64.hpp"

#include <algorithm>
#include <cctype>

namespace hamlet::conformance {

std::pair<std::string, std::string> cut(std::string_view text) {
  auto space = std::min(text.find(' '), text.size());
  return {std::string{text.substr(0, space)},
          std::string{text.substr(std::min(space + 1, text.size()))}};
}

std::optional<std::string> session_peer::directive(std::string_view word,
                                                   std::string_view argument) {
  auto had_begun = has_begun();
  auto fault = had_begun ? during(word, argument) : before(word, argument);
  if (fault && !had_begun) {
    begin();
    fault = during(word, argument);
  }
  return fault;
}

std::optional<std::string> session_peer::next_line() {
  unread_ += heard();
  auto end = unread_.find("\r\n");
  if (end == unread_.npos && unread_.empty())
    return std::nullopt;
  // What has no end is told as it is: it never fits an expectation.
  last_line_ = end == unread_.npos ? unread_ + "(no CRLF)" : unread_.substr(0, end);
  unread_.erase(0, end == unread_.npos ? end : end + 2);
  return last_line_;
}

std::optional<std::string> session_peer::value_of(std::string_view what) {
  auto [word, argument] = cut(what);
  if (word == "base64")
    return base64::encode(argument);
  if (word == "scram-first") {
    scram_.emplace(argument, "");
    return base64::encode(scram_->first());
  }
  if (word == "scram-plus-first") {
    scram_.emplace(argument, "", "p=tls-exporter,,", binding().tls_exporter);
    return base64::encode(scram_->first());
  }
  if (word == "scram-final" && scram_ && last_line_.starts_with(challenge_)) {
    scram_->set_password(argument);
    auto server_first = base64::decode(last_line_.substr(challenge_.size()));
    return base64::encode(scram_->final_for(server_first.value_or("r=,s=,i=1")));
  }
  return std::nullopt;
}

std::string chat_name(const testing::TestParamInfo<std::filesystem::path>& info) {
  auto name = info.param.stem().string();
  std::ranges::replace_if(
    name, [](unsigned char x) { return std::isalnum(x) == 0; }, '_');
  return name;
}

} // namespace hamlet::conformance
