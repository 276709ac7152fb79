// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/accounts/account_repository.hpp"
#include "storage/mail/mailbox_repository.hpp"
#include "storage/mail/queue_repository.hpp"
#include "tests/support/temp_store.hpp"

#include <optional>

namespace hamlet {

/// A store with its writer, its reader and the repositories, in the domain example.org.
class MailStore : public TempStore {
protected:
  /// What a start of the program makes and its end destroys.
  struct running {
    explicit running(const MailStore& x)
        : blobs{x.blobs()}, changes{x.open(), {}, {}}, views{x.one_reader(), 1000} {}
    blob_store blobs;
    sql::writer changes;
    sql::readers views;
    sql::account_repository accounts{changes, views};
    sql::queue_repository queue{changes, views};
    sql::mailbox_repository mail{changes, views, blobs};
  };

  MailStore() { EXPECT_TRUE(add_domain("example.org").has_value()); }

  void restart() {
    program.reset();
    program.emplace(*this);
  }

  result<void_t> add_domain(const std::string& name) {
    return wait<void_t>([&](auto done) { program->accounts.add_domain(name, start, done); });
  }

  result<std::int64_t> create(const std::string& local, const std::string& domain = "example.org") {
    sql::account x;
    x.local = local;
    x.domain = domain;
    x.display_name = local;
    x.scram_salt = "salt";
    x.scram_iterations = 4096;
    x.created_at = start;
    return wait<std::int64_t>([&](auto done) { program->accounts.create(x, done); });
  }

  /// Mail for these accounts.
  static sql::new_mail mail(std::int64_t queue_id, const std::vector<std::int64_t>& to,
                            const std::string& text = "Subject: hi\r\n\r\nHello\r\n") {
    sql::new_mail m;
    m.queue_id = queue_id;
    m.from = "sender@example.net";
    m.trace = "Received: from a\r\n";
    m.what = {text, {}, static_cast<std::int64_t>(text.size())};
    for (auto id : to)
      m.to.push_back({id, "account" + std::to_string(id) + "@example.org", {}, 0});
    m.accepted_at = start;
    return m;
  }

  result<sql::enqueued> enqueue(const sql::new_mail& m, std::int64_t resend_since = 0) {
    return wait<sql::enqueued>([&](auto done) { program->queue.enqueue(m, resend_since, done); });
  }

  result<void_t> confirm(const std::vector<std::int64_t>& ids) {
    std::vector<sql::confirmation> seen;
    for (auto id : ids)
      seen.push_back({id});
    return wait<void_t>([&](auto done) { program->queue.confirm(seen, done); });
  }

  /// Of a message that arrived at this time.
  result<void_t> confirm(std::int64_t id, std::int64_t arrived_us) {
    return wait<void_t>([&](auto done) { program->queue.confirm({{id, arrived_us}}, done); });
  }

  result<sql::collected> collect(std::int64_t account, std::size_t at_most = 100) {
    return wait<sql::collected>(
      [&](auto done) { program->mail.collect(account, at_most, start + 1, done); });
  }

  result<sql::folder_listing> list(std::int64_t account) {
    return wait<sql::folder_listing>(
      [&](auto done) { program->mail.list(account, sql::inbox_folder, done); });
  }

  result<std::string> read(std::int64_t account, std::int64_t uid, std::uint64_t offset = 0,
                           std::uint64_t at_most = 1 << 20) {
    return wait<std::string>([&](auto done) {
      program->mail.read(account, sql::inbox_folder, uid, offset, at_most, done);
    });
  }

  result<void_t> remove(std::int64_t account, const std::vector<std::int64_t>& uids) {
    return wait<void_t>(
      [&](auto done) { program->mail.remove(account, sql::inbox_folder, uids, done); });
  }

  static constexpr std::int64_t start = 1'700'000'000;
  std::optional<running> program{std::in_place, *this};
};

} // namespace hamlet
