// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/chat/ban_repository.hpp"
#include "storage/chat/channel_repository.hpp"
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/history_repository.hpp"
#include "storage/chat/keys.hpp"
#include "tests/support/mail_store.hpp"

namespace hamlet {

/// A store with accounts alice and bob, and the repositories of chat.
class ChatStore : public MailStore {
protected:
  /// Waits for the answer of an intent: `f` gets the repository and the completion.
  template <class T, class Repository, class Call>
  result<T> ask(Call call) {
    Repository at{program->changes, program->views};
    return wait<T>([&](auto done) { call(at, done); });
  }
  template <class T, class Call>
  result<T> history(Call call) {
    return ask<T, sql::history_repository>(call);
  }
  template <class T, class Call>
  result<T> channels(Call call) {
    return ask<T, sql::channel_repository>(call);
  }
  template <class T, class Call>
  result<T> people(Call call) {
    return ask<T, sql::chat_account_repository>(call);
  }
  template <class T, class Call>
  result<T> bans(Call call) {
    return ask<T, sql::ban_repository>(call);
  }

  result<void_t> append(std::vector<sql::chat_event> events) {
    return history<void_t>([&](auto& h, auto done) { h.append(events, done); });
  }

  /// What alice says.
  static sql::chat_event said(const std::string& target, std::int64_t time_ms, std::int64_t id,
                              const std::string& text = "hello") {
    sql::chat_event x;
    x.target = target;
    x.time_ms = time_ms;
    x.event_id = id;
    x.sender = "alice!a@example.org";
    x.text = text;
    x.event = "octets of " + std::to_string(id);
    return x;
  }
  static sql::chat_event joined(const std::string& target, std::int64_t time_ms, std::int64_t id) {
    auto x = said(target, time_ms, id, "");
    x.kind = sql::event_kind::join;
    return x;
  }

  /// A channel that alice founds.
  sql::chat_channel channel(const std::string& name) const {
    sql::chat_channel x;
    x.target = name + " 1";
    x.name = name;
    x.folded = name;
    x.founder = alice;
    x.created_ms = 1'000;
    x.last_used_ms = 1'000;
    return x;
  }
  result<std::int64_t> found(const sql::chat_channel& x, std::size_t at_most = 10) {
    return channels<std::int64_t>([&](auto& c, auto done) { c.create(x, at_most, done); });
  }

  std::int64_t alice = create("alice").value();
  std::int64_t bob = create("bob").value();
};

} // namespace hamlet
