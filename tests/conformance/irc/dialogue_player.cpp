// SPDX-License-Identifier: Apache-2.0
#include "lib/text/base64.hpp"
#include "tests/conformance/irc/dialogue.hpp"
#include "tests/support/scram_client.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <sstream>

namespace hamlet::irc {

namespace {

using kind = dialogue_step::kind;

/// For a fault's text: control characters made visible.
std::string shown(std::string_view bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (char x : bytes.substr(0, 600)) {
    auto value = static_cast<unsigned char>(x);
    if (value < 0x20 || value == 0x7f)
      out.append("\\x").append(1, hex[value >> 4]).append(1, hex[value & 15]);
    else
      out += x;
  }
  return out + "\"";
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

std::string without_tags(const std::string& line) {
  return line.starts_with('@') ? line.substr(std::min(line.find(' ') + 1, line.size())) : line;
}

bool is_person(std::string_view x) {
  constexpr std::array<std::string_view, 16> people{
    "alice", "bob",  "carol",   "dave",  "erin",  "frank", "grace",  "heidi",
    "ivan",  "judy", "mallory", "oscar", "peggy", "trent", "victor", "wendy"};
  return std::ranges::find(people, x) != people.end();
}

using fault = std::optional<std::string>;

/// Gives values to conformance::expand().
class player : conformance::peer {
public:
  player(const dialogue& what, dialogue_world& with) : what_{what}, with_{with} {}

  fault run() {
    for (auto& s : what_.steps) {
      if (!packet_.empty() && (s.client != sender_ || !is_send(s)))
        flush();
      auto goes_on = s.what == kind::hear_any && s.client == current_;
      auto why = goes_on ? fault{} : end_of_group();
      if (!why)
        why = one(s);
      if (why)
        return what_.name + ":" + std::to_string(s.line) + ": " + *why;
    }
    flush();
    auto why = end_of_group();
    for (auto& name : clients_)
      if (auto line = why ? std::nullopt : with_.next_line(name))
        why = name + " also heard " + shown(*line);
    return why ? what_.name + ": " + *why : fault{};
  }

private:
  static bool is_send(const dialogue_step& s) {
    return s.what == kind::send || s.what == kind::send_raw;
  }

  void flush() {
    if (!packet_.empty())
      with_.send(sender_, std::exchange(packet_, {}));
  }

  void meet(const std::string& name, const std::vector<std::string>& words = {}) {
    if (std::ranges::find(clients_, name) != clients_.end() && words.empty())
      return;
    with_.open(name, words);
    if (std::ranges::find(clients_, name) == clients_.end())
      clients_.push_back(name);
  }

  fault one(const dialogue_step& s) {
    if (s.what == kind::directive)
      return directive(s.client, s.text);
    meet(s.client);
    current_ = s.client;
    if (s.what == kind::skip) {
      skips_ = true;
      return {};
    }
    if (s.what == kind::closes) {
      with_.hang_up(s.client);
      return {};
    }
    if (s.what == kind::closed) {
      auto line = with_.next_line(s.client);
      for (auto skips = std::exchange(skips_, false); skips && line;)
        line = with_.next_line(s.client);
      if (line)
        return "expected no more, heard " + shown(*line);
      return with_.is_closed(s.client) ? fault{} : "the server did not hang up";
    }
    auto text = expanded(s.text);
    if (!text)
      return text.error().detail;
    switch (s.what) {
    case kind::send: *text += "\r\n"; [[fallthrough]];
    case kind::send_raw:
      sender_ = s.client;
      packet_ += *text;
      return {};
    case kind::hear_any: group_.push_back(*text); return {};
    default: return hear(*text, s.what == kind::hear_like);
    }
  }

  std::optional<std::string> next() {
    auto line = with_.next_line(current_);
    if (line)
      last_ = *line;
    return line;
  }

  fault hear(const std::string& wanted, bool is_pattern) {
    auto skips = std::exchange(skips_, false);
    for (;;) {
      auto line = next();
      if (!line)
        return "expected " + shown(wanted)
               + (with_.is_closed(current_) ? ", the server hung up" : ", heard nothing");
      if (fits(wanted, *line, is_pattern, known_))
        return {};
      if (!skips)
        return "expected " + shown(wanted) + ", heard " + shown(*line);
    }
  }

  fault end_of_group() {
    while (!group_.empty()) {
      auto line = next();
      auto found =
        std::ranges::find_if(group_, [&](auto& x) { return line && fits(x, *line, true, known_); });
      if (found == group_.end())
        return "expected " + shown(group_.front()) + " or the like, heard "
               + shown(line.value_or("nothing"));
      group_.erase(found);
    }
    return {};
  }

  fault directive(const std::string& word, const std::string& raw) {
    auto text = expanded(raw);
    if (!text)
      return text.error().detail;
    auto words = words_of(*text);
    if (word == "setting" || word == "motd" || word == "whole")
      return {}; // of the world
    if (word == "reload") {
      with_.reload(*text);
      return {};
    }
    if (words.empty() && word != "forget")
      return "@" + word + " of whom?";
    if (words.empty())
      words.emplace_back();
    auto name = words.front();
    words.erase(words.begin());
    if (word == "silent") {
      if (auto line = with_.next_line(name))
        return "expected no more, heard " + shown(*line);
      return with_.is_closed(name) ? fault{"the server hung up"} : fault{};
    }
    if (word == "join")
      for (auto& client : words)
        with_.send(client, "JOIN " + name + "\r\n");
    if (word == "join" || word == "forget")
      for (auto& client : clients_)
        while (with_.next_line(client))
          ;
    else if (word == "open")
      meet(name, words.empty() ? std::vector<std::string>{""} : words);
    else if (word == "connect")
      return connect(name, words);
    else if (word == "member")
      with_.add_member(name, words.empty() ? "member" : words.front());
    else if (word == "certificate")
      with_.certify(name);
    else
      return "unknown directive @" + word;
    return {};
  }

  fault connect(const std::string& name, const std::vector<std::string>& words) {
    std::vector<std::string> ways{""};
    std::map<std::string, std::string> options;
    for (auto& x : words)
      if (auto equals = x.find('='); equals == x.npos)
        ways.push_back(x);
      else
        options[x.substr(0, equals)] = x.substr(equals + 1);
    meet(name, ways);
    auto caps = options["caps"];
    std::ranges::replace(caps, ',', ' ');
    auto account = options["account"];
    if (!account.empty() && (" " + caps + " ").find(" sasl ") == caps.npos)
      caps += caps.empty() ? "sasl" : " sasl";
    std::string all;
    if (!caps.empty())
      all += "CAP LS 302\r\nCAP REQ :" + caps + "\r\n";
    if (!account.empty())
      all += "AUTHENTICATE PLAIN\r\nAUTHENTICATE " + plain(account + " secret") + "\r\n";
    all += "NICK " + (options.contains("nick") ? options["nick"] : name)
           + "\r\nUSER u 0 * :Somebody\r\n";
    if (!caps.empty())
      all += "CAP END\r\n";
    with_.send(name, all);
    bool is_in = false, has_caps = true, is_logged_in = account.empty();
    std::string last;
    while (auto line = with_.next_line(name)) {
      auto x = words_of(last = without_tags(*line));
      auto command = x.size() > 1 ? x[1] : "";
      is_in |= command == "422" || command == "376";
      is_logged_in |= command == "903";
      has_caps &= command != "CAP" || x.size() < 4 || x[3] != "NAK";
    }
    if (!is_in || !has_caps || !is_logged_in)
      return name + " was not let in as asked for; the last was " + shown(last);
    return {};
  }

  static std::string plain(const std::string& name_and_password) {
    auto space = name_and_password.find(' ');
    return base64::encode('\0' + name_and_password.substr(0, space) + '\0'
                          + name_and_password.substr(space + 1));
  }

  /// Names of captures are set between zeros.
  result<std::string> expanded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      auto mark = text.find("\\<");
      auto part = conformance::expand(text.substr(0, mark), *this);
      if (!part)
        return part;
      out += *part;
      if (mark == text.npos)
        break;
      text.remove_prefix(mark + 2);
      auto end = std::min(text.find('>'), text.size());
      out.append(1, '\0').append(text.substr(0, end)).append(1, '\0');
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }

  std::optional<std::string> value_of(std::string_view what) override {
    auto space = std::min(what.find(' '), what.size());
    auto word = std::string{what.substr(0, space)};
    auto argument = std::string{what.substr(std::min(space + 1, what.size()))};
    if (auto found = known_.find(word); found != known_.end())
      return found->second;
    if (is_person(word))
      return word + "!~u@127.0.0.1";
    if (word == "plain")
      return plain(argument);
    if (word == "base64")
      return base64::encode(argument);
    if (word == "piece" && argument.size() > 1) { // sasl-3.1: 400 octets each
      auto at = static_cast<std::size_t>(argument[0] - '1') * 400;
      return argument.substr(std::min(at + 2, argument.size()), 400);
    }
    if (word == "certificate")
      return with_.certificate();
    if (word == "scram-first") {
      scram_.emplace(argument, "");
      return base64::encode(scram_->first());
    }
    if (word == "scram-final" && scram_) {
      scram_->set_password(argument);
      auto challenge = base64::decode(last_.substr(last_.rfind(' ') + 1));
      return base64::encode(scram_->final_for(challenge.value_or("r=,s=,i=1")));
    }
    return std::nullopt;
  }

  fault directive(std::string_view, std::string_view) override { return {}; }
  void send(std::string_view) override {}
  std::optional<std::string> next_line() override { return {}; }
  bool is_closed() override { return false; }
  bool start_tls() override { return false; }
  void hang_up() override {}

  const dialogue& what_;
  dialogue_world& with_;
  std::vector<std::string> clients_;
  std::string sender_, packet_, current_, last_;
  std::vector<std::string> group_;
  bool skips_ = false;
  std::map<std::string, std::string> known_;
  std::optional<test::scram_client> scram_;
};

} // namespace

std::optional<std::string> play(const dialogue& what, dialogue_world& with) {
  return player{what, with}.run();
}

} // namespace hamlet::irc
