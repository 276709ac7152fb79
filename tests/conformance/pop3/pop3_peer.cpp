// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/pop3/pop3_peer.hpp"

#include <sstream>

namespace hamlet::pop3 {

using conformance::cut;

std::optional<std::string> pop3_peer::before(std::string_view word, std::string_view argument) {
  auto& rules = setup_.rules;
  if (word == "tls") {
    setup_.line = {true, binding()};
  } else if (word == "stls") {
    rules.offers_tls = true;
  } else if (word == "clear-passwords") {
    rules.needs_tls_for_login = false;
  } else if (word == "no-apop") {
    rules.offers_apop = false;
  } else if (word == "login-delay") {
    rules.login_delay = std::stoi(std::string{argument});
  } else if (word == "language") {
    rules.language = argument;
  } else if (word == "account") {
    accounts_.insert(cut(argument));
  } else if (word == "locked") {
    verdict_ = auth::verdict::locked;
  } else if (word == "throttled") {
    verdict_ = auth::verdict::throttled;
  } else if (word == "in-use") {
    drop_ = maildrop::status::in_use;
  } else if (word == "too-soon") {
    drop_ = maildrop::status::too_soon;
  } else if (word == "unavailable") {
    drop_ = maildrop::status::temporary;
  } else if (word == "message" || word == "utf8-message") {
    messages_.emplace_back(argument, word == "utf8-message");
  } else if (word == "message-of") {
    auto [size, pattern] = cut(argument);
    std::string text;
    while (text.size() < std::stoul(size))
      text += pattern;
    messages_.emplace_back(text.substr(0, std::stoul(size)), false);
  } else if (word == "readable") {
    readable_ = std::stoul(std::string{argument});
  } else if (word == "update-fails") {
    can_delete_ = false;
  } else {
    return "unknown directive @" + std::string{word};
  }
  return std::nullopt;
}

std::optional<std::string> pop3_peer::during(std::string_view word, std::string_view argument) {
  auto& w = live();
  if (word == "login") {
    keep_heard();
    auto heard = w.ask("USER alice\r\nPASS secret\r\n");
    return heard.find("-ERR") == heard.npos ? std::nullopt : std::optional{heard};
  }
  if (word == "stop") {
    w.shut_down();
  } else if (word == "time-out") {
    w.time_out();
  } else if (word == "recovers") {
    w.verdict_if_right = auth::verdict::right;
    w.drop = maildrop::status::open;
  } else if (word == "locked-drop") {
    return w.is_open == (argument == "yes") ? std::nullopt : std::optional{"the lock is wrong"};
  } else if (word == "deleted") {
    std::istringstream in{std::string{argument}};
    std::vector<std::int64_t> wanted;
    for (std::int64_t uid; in >> uid;)
      wanted.push_back(uid);
    return wanted == w.deleted ? std::nullopt : std::optional{"other messages were deleted"};
  } else {
    return "unknown directive @" + std::string{word};
  }
  return std::nullopt;
}

world& pop3_peer::live() {
  if (world_)
    return *world_;
  world_ = std::make_unique<world>(setup_);
  world_->passwords.merge(accounts_);
  for (auto& [text, utf8] : messages_)
    world_->add(text, utf8);
  world_->can_delete = can_delete_;
  world_->verdict_if_right = verdict_;
  world_->drop = drop_;
  if (readable_)
    world_->readable = *readable_;
  return *world_;
}

void pop3_peer::send(std::string_view bytes) {
  live().send(bytes, piece_);
}

std::optional<std::string> pop3_peer::next_line() {
  auto line = session_peer::next_line();
  if (auto at = last_line_.find('<'); line && timestamp_.empty() && at != last_line_.npos)
    timestamp_ = last_line_.substr(at, last_line_.find('>') + 1 - at);
  return line;
}

std::optional<std::string> pop3_peer::value_of(std::string_view what) {
  auto [word, argument] = cut(what);
  return word == "apop" ? crypto::md5_hex(timestamp_ + argument) : session_peer::value_of(what);
}

} // namespace hamlet::pop3
