// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/settings.hpp"
#include "lib/crypto/seal.hpp"
#include "node/store_watch.hpp"
#include "storage/accounts/account_repository.hpp"
#include "storage/admin/admin_repository.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/chat/ban_repository.hpp"
#include "storage/chat/channel_repository.hpp"
#include "storage/chat/chat_account_repository.hpp"
#include "storage/chat/history_repository.hpp"
#include "storage/cluster/cluster_repository.hpp"
#include "storage/mail/mailbox_repository.hpp"
#include "storage/mail/queue_repository.hpp"

#include <filesystem>
#include <future>
#include <memory>

namespace hamlet::node {

/// Where things are in the data folder.
struct data_layout {
  explicit data_layout(const config::settings& x) : folder{x.node.data_folder.value} {}
  std::filesystem::path folder;
  std::filesystem::path database() const { return folder / "hamlet.db"; }
  std::filesystem::path blobs() const { return folder / "blobs"; }
  std::filesystem::path key() const { return folder / "server.key"; }
  std::filesystem::path lock() const { return folder / "hamlet.lock"; }
  std::filesystem::path socket() const { return folder / "admin.sock"; }
  std::filesystem::path cluster() const { return folder / "cluster"; }
  std::filesystem::path certificate() const { return folder / "tls"; }
};

/// One server a data folder: two would hand out the same maildrop. Held until the process ends.
result<void_t> lock_folder(const config::settings& x);

/// How the settings say that PostgreSQL is reached.
sql::postgres_options postgres_of(const config::settings& x);

/// A connection that writes, to the store as it is.
result<sql::database> connect_store(const config::settings& x);

/// The store of a node, open: its threads, its files and the repositories over them. The
/// commands and the server both use it, also at the same time.
class store {
public:
  /// Makes the folder and the schema if they are missing. bad_setup: says what to do.
  /// @param broken Called once when the store is lost (storage/sql/writer.hpp).
  static result<std::unique_ptr<store>> open(const config::settings& x,
                                             sql::writer::on_broken broken);

  sql::account_repository accounts() { return {changes_, views_}; }
  sql::chat_account_repository chat_accounts() { return {changes_, views_}; }
  sql::admin_repository administration() { return {changes_, views_}; }
  sql::ban_repository bans() { return {changes_, views_}; }
  sql::cluster_repository cluster() { return {changes_, views_}; }
  sql::channel_repository channels() { return {changes_, views_}; }
  sql::history_repository history() { return {changes_, views_}; }
  sql::queue_repository queue() { return {changes_, views_}; }
  sql::mailbox_repository mailboxes() { return {changes_, views_, blobs_}; }
  blob_store& blobs() { return blobs_; }
  /// One more that writes, for long work in short steps beside the writer.
  result<sql::database> connect() const { return connect_(); }
  /// Whether it answers, over a connection of its own. nullptr: it is a file of this machine.
  static result<std::unique_ptr<store_watch>> watch(const config::settings& x);

  /// Operations that wait for the threads of the store; any thread.
  std::size_t changes_waiting() const { return changes_.waiting(); }
  std::size_t views_waiting() const { return views_.waiting(); }
  const crypto::server_key& key() const { return key_; }

private:
  using connector = std::function<result<sql::database>()>;
  store(std::vector<sql::database> writing, std::vector<sql::database> reading, blob_store blobs,
        crypto::server_key key, const config::settings& x, sql::writer::on_broken broken,
        connector connect);

  connector connect_;
  blob_store blobs_;
  crypto::server_key key_;
  sql::writer changes_;
  sql::readers views_;
};

/// Waits for an operation of a repository: `call` gets the completion. For commands and the start
/// of the node, never for actors.
template <class T, class Call>
result<T> wait(Call call) {
  auto answer = std::make_shared<std::promise<result<T>>>();
  auto got = answer->get_future();
  call([answer](result<T> x) { answer->set_value(std::move(x)); });
  return got.get();
}

} // namespace hamlet::node
