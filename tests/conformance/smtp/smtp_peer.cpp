// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/smtp/smtp_peer.hpp"

#include "lib/text/base64.hpp"

#include <algorithm>

namespace hamlet::smtp {

using conformance::cut;

namespace {

reply reply_of(std::string_view text) {
  auto [code, words] = cut(text);
  return {std::stoi(code), words};
}

std::optional<std::string> expect(bool right, std::string why) {
  return right ? std::nullopt : std::optional{std::move(why)};
}

} // namespace

std::optional<std::string> smtp_peer::before(std::string_view word, std::string_view argument) {
  auto& rules = setup_.rules;
  auto number = [&] { return std::stoi(std::string{argument}); };
  if (word == "members")
    rules.kind = service::submission;
  else if (word == "tls")
    setup_.line = {true, binding()};
  else if (word == "no-starttls")
    rules.offers_tls = false;
  else if (word == "chat")
    rules.sends_to_chat = true;
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
    keep_heard();
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
  } else if (word == "is-there") {
    w.at_hand.insert(std::string{argument});
  } else if (word == "shown") {
    return expect(w.shown == std::stoul(std::string{argument}),
                  std::to_string(w.shown) + " messages were shown");
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

} // namespace hamlet::smtp
