// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/mail_store.hpp"

#include <map>

namespace hamlet {

/// A store with some mail in it, among it a large text, and a second connection for maintenance.
class MaintainedStore : public MailStore {
protected:
  MaintainedStore() {
    EXPECT_TRUE(enqueue(mail(10, {alice, bob}, "one\r\n")).has_value());
    EXPECT_TRUE(enqueue(large(11, {alice})).has_value());
    EXPECT_TRUE(confirm({10, 11}).has_value());
    EXPECT_EQ(collect(alice)->messages, 2);
    EXPECT_EQ(collect(bob)->messages, 1);
    EXPECT_TRUE(enqueue(mail(12, {bob}, "waits\r\n")).has_value());
  }

  sql::new_mail large(std::int64_t id, const std::vector<std::int64_t>& to, char c = 'x') {
    auto m = mail(id, to);
    std::string text(100'000, c);
    auto writer = program->blobs.create().value();
    EXPECT_TRUE(writer.append(text).has_value());
    m.what = {{}, writer.publish().value(), static_cast<std::int64_t>(text.size())};
    return m;
  }

  std::string large_name(char c = 'x') { return large(0, {}, c).what.sha256; }

  /// Something in each table of chat: bob's, in channel 1.
  void chat() {
    change("UPDATE counter SET value = 1 WHERE name IN ('channel', 'chat_filter', 'oper_audit');"
           "INSERT INTO channel VALUES (1, '#a 1', '#a', '#a', 3, 0, 0, '', '', 0, '', '', 0, '', "
           "'', 0, '');"
           "INSERT INTO channel_access VALUES (1, 3, 1, 'o', 'bob', 0);"
           "INSERT INTO channel_list VALUES (1, 'b', 'x!*@*', 'bob', 0);"
           "INSERT INTO chat_nick VALUES ('b', 'b', 'b', 3, 0, 0);"
           "INSERT INTO chat_certificate VALUES ('f', 3, 'laptop', 0);"
           "INSERT INTO chat_setting VALUES (3, 'persistence', 'on');"
           "INSERT INTO chat_metadata VALUES ('a3', 'url', 'x'), ('c1', 'url', 'y');"
           "INSERT INTO chat_marker VALUES (3, '#a', 0);"
           "INSERT INTO chat_session VALUES (3, 'b', '', '', '', '', x'', 0);"
           "INSERT INTO chat_direct VALUES (2, '2:3'), (3, '2:3');"
           "INSERT INTO chat_event (target, is_message, time_ms, event_id, kind, sender, text, "
           "event) VALUES ('#a 1', 1, 10, 1, 1, 'b', 'hi', x'00'), "
           "('2:3', 1, 20, 2, 1, 'b', 'hello', x'00');"
           "INSERT INTO network_ban VALUES (1, '*@x', '', '', 'bob', 0, NULL);"
           "INSERT INTO chat_filter VALUES (1, '*x*', 1, 1, 0, '', 'bob', 0);"
           "INSERT INTO oper_audit VALUES (1, 0, 'bob', 3, '', 'KILL', '', '');");
  }

  void make_older(const std::string& sha256) {
    if (on_postgres())
      return change("UPDATE blob SET renewed_at = renewed_at - 172800");
    auto path = program->blobs.path_of(sha256);
    auto time = std::filesystem::last_write_time(path);
    std::filesystem::last_write_time(path, time - std::chrono::hours{48});
  }

  /// Every message of every mailbox, as a client reads it.
  std::map<std::string, std::string> everything() {
    std::map<std::string, std::string> all;
    for (auto account : {alice, bob}) {
      auto listed = list(account).value();
      for (auto& m : listed.messages)
        all[std::to_string(account) + "/" + std::to_string(listed.uid_validity) + "/"
            + std::to_string(m.uid)] = read(account, m.uid).value_or("unreadable");
    }
    return all;
  }

  std::int64_t alice = create("alice").value();
  std::int64_t bob = create("bob").value();
  sql::database own = open();
};

} // namespace hamlet
