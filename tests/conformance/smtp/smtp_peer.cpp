// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/smtp/smtp_peer.hpp"

#include "lib/text/base64.hpp"

#include <algorithm>

namespace hamlet::smtp {

namespace {

/// The first word and the rest.
std::pair<std::string, std::string> cut(std::string_view text) {
  auto space = std::min(text.find(' '), text.size());
  return {std::string{text.substr(0, space)},
          std::string{text.substr(std::min(space + 1, text.size()))}};
}

reply reply_of(std::string_view text) {
  auto [code, words] = cut(text);
  return {std::stoi(code), words};
}

std::optional<std::string> expect(bool right, std::string why) {
  return right ? std::nullopt : std::optional{std::move(why)};
}

} // namespace

std::optional<std::string> smtp_peer::directive(std::string_view word, std::string_view argument) {
  auto fault = world_ ? during(word, argument) : before(word, argument);
  if (fault && !world_) {
    live();
    fault = during(word, argument);
  }
  return fault;
}

std::optional<std::string> smtp_peer::before(std::string_view word, std::string_view argument) {
  auto& rules = setup_.rules;
  auto number = [&] { return std::stoi(std::string{argument}); };
  if (word == "members")
    rules.kind = service::submission;
  else if (word == "tls")
    setup_.line = {true, binding()};
  else if (word == "no-starttls")
    rules.offers_tls = false;
  else if (word == "packets")
    is_about_packets_ = true;
  else if (word == "normalise")
    rules.stray = bare_newline::normalise;
  else if (word == "max-message")
    rules.max_message = static_cast<std::uint64_t>(number());
  else if (word == "max-recipients")
    rules.max_recipients = static_cast<std::size_t>(number());
  else if (word == "max-transactions")
    rules.max_transactions = static_cast<std::size_t>(number());
  else
    return "unknown directive @" + std::string{word};
  return std::nullopt;
}

std::optional<std::string> smtp_peer::during(std::string_view word, std::string_view argument) {
  auto& w = live();
  if (word == "login") {
    unread_ += w.heard();
    w.log_in(argument.empty() ? "alice" : argument);
    w.heard();
  } else if (word == "verdict") {
    w.verdict = reply_of(argument);
  } else if (word == "got") {
    if (w.accepted.empty())
      return "no message was accepted";
    return expect(w.accepted.back().text == argument, "another text was accepted");
  } else if (word == "accepted") {
    return expect(w.accepted.size() == std::stoul(std::string{argument}),
                  std::to_string(w.accepted.size()) + " messages were accepted");
  } else if (word == "recipients") {
    std::string list;
    if (!w.accepted.empty())
      for (auto& x : w.accepted.back().env.to)
        list += (list.empty() ? "" : " ") + x.to.text();
    return expect(list == argument, "the recipients are: " + list);
  } else if (word == "sender") {
    auto sender = w.accepted.empty() ? "nobody" : w.accepted.back().env.from.text();
    return expect(sender == argument, "the sender is " + sender);
  } else if (word == "stop") {
    w.shut_down();
  } else if (word == "time-out") {
    w.time_out();
  } else {
    return "unknown directive @" + std::string{word};
  }
  return std::nullopt;
}

world& smtp_peer::live() {
  if (!world_)
    world_ = std::make_unique<world>(setup_);
  return *world_;
}

void smtp_peer::send(std::string_view bytes) {
  live().send(bytes, piece_);
}

std::optional<std::string> smtp_peer::next_line() {
  unread_ += live().heard();
  auto end = unread_.find("\r\n");
  if (end == unread_.npos && unread_.empty())
    return std::nullopt;
  // What has no end is told as it is: it never fits an expectation.
  last_line_ = end == unread_.npos ? unread_ + "(no CRLF)" : unread_.substr(0, end);
  unread_.erase(0, end == unread_.npos ? end : end + 2);
  return last_line_;
}

std::optional<std::string> smtp_peer::value_of(std::string_view what) {
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
  if (word == "scram-final" && scram_ && last_line_.starts_with("334 ")) {
    scram_->set_password(argument);
    return base64::encode(
      scram_->final_for(base64::decode(last_line_.substr(4)).value_or("r=,s=,i=1")));
  }
  return std::nullopt;
}

} // namespace hamlet::smtp
