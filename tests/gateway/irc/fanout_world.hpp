// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/irc/fanout.hpp"
#include "tests/gateway/irc/events.hpp"
#include "tests/support/actor_test.hpp"

#include <map>
#include <string>
#include <vector>

namespace hamlet::irc {

/// Writes down what each client gets, as it would arrive.
class recorder : public postman {
public:
  struct listed : crowd {
    std::vector<std::int64_t> all;
    std::size_t size() const override { return all.size(); }
  };

  void add(const address& to, const net::shared_bytes& bytes) override {
    waiting.emplace_back(to.connection_id, *bytes);
    buffers.push_back(bytes);
  }
  std::unique_ptr<crowd> gather(std::span<const address* const> all) override {
    auto out = std::make_unique<listed>();
    for (auto* x : all)
      out->all.push_back(x->connection_id);
    ++gathered;
    return out;
  }
  void add(const crowd& to, const net::shared_bytes& bytes, const address* except) override {
    ++to_crowds;
    for (auto id : static_cast<const listed&>(to).all)
      if (except == nullptr || id != except->connection_id)
        waiting.emplace_back(id, *bytes);
  }
  void send() override {
    for (auto& [id, bytes] : std::exchange(waiting, {}))
      got[id] += bytes;
  }

  std::vector<std::pair<std::int64_t, std::string>> waiting;
  std::vector<net::shared_bytes> buffers;
  std::map<std::int64_t, std::string> got;
  int gathered = 0;
  int to_crowds = 0;
};

/// A FANOUT, people and their clients. Client 11 is of session 1, 12 is its second, 21 of
/// session 2.
class FanoutTest : public ActorTest {
protected:
  FanoutTest() : rules{std::make_shared<policy>(test_policy(&people))} {
    auto hear = [this](int) -> connection_actor::behavior_type {
      return {
        [](const net::received&) {},
        [](const net::secured&) {},
        [](net::drained) {},
        [](net::idle) {},
        [](net::closed) {},
        [](caf::tick_atom) {},
        [this](const note& x) { notes.push_back(x); },
      };
    };
    owner = sys.spawn(hear, argument);
    actor = sys.spawn(fanout, std::shared_ptr<const policy>{rules}, out);
    sched.run();
  }
  ~FanoutTest() override {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
    sched.run();
  }

  /// "ann" 1, "bob" 2, "cat" 3 …
  static chat::v1::Who person(std::int64_t id) {
    static const std::vector<std::string> nicks{"nobody", "ann", "bob", "cat", "dan", "eve"};
    chat::v1::Who who;
    who.set_session_id(id);
    who.set_nick(id < 6 ? nicks[static_cast<std::size_t>(id)] : "u" + std::to_string(id));
    who.set_user("u");
    who.set_host("h");
    who.set_real_name("R");
    return who;
  }

  void connect(std::int64_t connection, std::int64_t session, cap_set caps = {},
               std::string modes = {}, bool is_deaf = false) {
    auto who = person(session);
    who.set_user_modes(modes);
    who.set_is_deaf(is_deaf);
    who.set_is_operator(modes.find('o') != modes.npos);
    caf::anon_send(actor, joined_fanout{connection, session, caps, framing::lines, who, {}, owner});
    sched.run();
  }
  void disconnect(std::int64_t connection) {
    caf::anon_send(actor, left_fanout{connection});
    sched.run();
  }
  void monitor(std::int64_t connection, std::vector<std::string> add,
               std::vector<std::string> remove = {}, bool clear = false) {
    watch wish;
    wish.add = std::move(add);
    wish.remove = std::move(remove);
    wish.clear = clear;
    caf::anon_send(actor, watch_changed{connection, std::move(wish)});
    sched.run();
  }
  void follow(std::int64_t connection, std::vector<std::string> keys,
              std::vector<std::string> no_more = {}) {
    watch wish;
    wish.follow = std::move(keys);
    wish.unfollow = std::move(no_more);
    caf::anon_send(actor, watch_changed{connection, std::move(wish)});
    sched.run();
  }

  /// An event by this person; without id and time, so that no tag is in the way.
  static chat::v1::Event by(std::int64_t source, const std::string& text) {
    chat::v1::Event e;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &e)) << text;
    *e.mutable_source() = person(source);
    return e;
  }

  void publish(std::vector<chat::v1::Event> events) {
    chat::v1::Publish msg;
    for (auto& e : events)
      *msg.add_events() = e;
    caf::anon_send(actor, std::move(msg));
    sched.run();
  }
  void publish(std::int64_t source, const std::string& text) { publish({by(source, text)}); }

  void join(std::initializer_list<std::int64_t> sessions, const std::string& channel = "#c") {
    for (auto id : sessions)
      publish(id, "channel: '" + channel + "' joined {}");
    forget();
  }
  void forget() {
    out->got.clear();
    out->buffers.clear();
    notes.clear();
  }

  /// Who got something: "11 21".
  std::string receivers() const {
    std::string all;
    for (auto& [id, _] : out->got)
      all += (all.empty() ? "" : " ") + std::to_string(id);
    return all;
  }
  /// Those who get this event.
  std::string hearing(std::int64_t source, const std::string& text) {
    forget();
    publish(source, text);
    return receivers();
  }

  presence people;
  std::shared_ptr<policy> rules;
  std::shared_ptr<recorder> out = std::make_shared<recorder>();
  connection_actor owner;
  local_fanout_actor actor;
  std::vector<note> notes;
};

} // namespace hamlet::irc
