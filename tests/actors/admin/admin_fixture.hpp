// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/admin/admin.hpp"
#include "actors/chat/presence.hpp"
#include "actors/mail_clients.hpp"
#include "lib/admin/token.hpp"
#include "tests/actors/account/account_fixture.hpp"

namespace hamlet::admin {

/// An ADMIN over the ACCOUNT of AccountTest, which is the owner of all names.
class AdminTest : public AccountTest {
protected:
  AdminTest() {
    auto tables = std::make_shared<router::tables>();
    tables->accounts.fill(actor);
    auto heard = [this](const chat::v1::Request& x) { return chat_answer(x); };
    talk = sys.spawn([heard](chat_actor::pointer self) -> chat_actor::behavior_type {
      return {heard, [self](caf::tick_atom) { self->quit(); }};
    });
    using namespace mail::v1;
    queue = sys.spawn([this](queue_actor::pointer self) -> queue_actor::behavior_type {
      return {[](const SpoolAppend&) { return Spooled{}; },
              [](const SpoolDiscard&) {},
              [](const Enqueue&) { return Enqueued{}; },
              [](const Confirm&) {},
              [this](const Wake&) { ++woken; },
              [self](caf::tick_atom) { self->quit(); }};
    });
    tables->queue = queue;
    tables->network = talk;
    tables->sessions.fill(talk);
    tables->channels.fill(talk);
    owners = router{std::move(tables)};
    admin_parts parts{.rows = rows,
                      .accounts = program->accounts,
                      .channels = {program->changes, program->views},
                      .queue = program->queue,
                      .nodes = {program->changes, program->views},
                      .people = &people,
                      .mail = &mail,
                      .key = &key,
                      .owners = &owners,
                      .now_ms = [this] { return now_ms; },
                      .node = {"alpha", 0},
                      .drain = [this] { ++drained; }};
    admin = sys.spawn(admin_of_node, std::move(parts));
    run();
  }
  ~AdminTest() override {
    end(admin);
    end(talk);
    end(queue);
  }

  static v1::Caller local() {
    v1::Caller who;
    who.set_is_local(true);
    who.set_address("unix");
    return who;
  }
  static v1::Caller certified(const std::string& name, const std::string& role) {
    v1::Caller who;
    who.set_certificate(name);
    who.set_role(role);
    return who;
  }
  /// With a token that is in the store.
  v1::Caller holder(const std::string& name, const std::string& role, std::int64_t expires_ms) {
    auto token = make_token();
    sql::admin_token row{name, *token_hash(token), role, 0, expires_ms};
    EXPECT_TRUE(wait<void_t>([&](auto f) { rows.add_token(row, f); }).has_value());
    v1::Caller who;
    who.set_token(*token_hash(token));
    return who;
  }

  template <class Request>
  v1::Answer call(const std::string& method, const Request& x, const v1::Caller& who = local()) {
    v1::Call msg;
    msg.set_method("hamlet.admin.v1." + method);
    x.SerializeToString(msg.mutable_request());
    *msg.mutable_caller() = who;
    return ask<v1::Answer>(admin, msg).value();
  }
  template <class Reply, class Request>
  Reply done(const std::string& method, const Request& x, const v1::Caller& who = local()) {
    auto answer = call(method, x, who);
    EXPECT_EQ(answer.code(), 0) << answer.message();
    Reply reply;
    EXPECT_TRUE(reply.ParseFromString(answer.reply()));
    return reply;
  }
  template <class Request>
  status refused(const std::string& method, const Request& x, const v1::Caller& who = local()) {
    return static_cast<status>(call(method, x, who).code());
  }

  std::vector<sql::admin_action> audit() {
    return wait<std::vector<sql::admin_action>>([&](auto f) { rows.actions(0, "", 100, f); })
      .value();
  }

  static v1::CreateAccountRequest new_account(const std::string& address,
                                              const std::string& request_id = {}) {
    v1::CreateAccountRequest x;
    x.set_request_id(request_id);
    x.set_address(address);
    x.set_password("tea with milk");
    return x;
  }

  /// What NETWORK, SESSIONS and CHANNELS answer.
  std::function<chat::v1::Reply(const chat::v1::Request&)> chat_answer =
    [](const chat::v1::Request&) { return chat::v1::Reply{}; };
  presence people;
  mail_clients mail;
  int drained = 0;
  int woken = 0; ///< the QUEUE
  std::int64_t now_ms = 1'800'000'000'000;
  sql::admin_repository rows{program->changes, program->views};
  router owners;
  chat_actor talk;
  queue_actor queue;
  admin_actor admin;
};

} // namespace hamlet::admin
