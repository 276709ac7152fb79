// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/pki/ledger.hpp"
#include "lib/pki/trust.hpp"

#include <filesystem>

namespace hamlet::pki {

/// Who this node is, and whom it believes.
struct identity {
  std::string node;
  std::string certificate; ///< PEM
  std::string key;         ///< PEM; a secret
  std::int64_t not_after = 0;
  trust believes;
};

/// What a folder holds, to be shown.
struct overview {
  std::string cluster, fingerprint;
  std::int64_t not_after = 0; ///< of the authority
  bool has_authority = false; ///< its key is here
  std::string node;           ///< of this node; empty: it has none yet
  std::int64_t node_not_after = 0;
  ledger books; ///< where the authority is
  std::uint64_t list_number = 0;
};

/// The folder "cluster" in the data folder. All files have mode 0600 and are replaced as a whole:
///   authority.pem  whom this node believes        authority.key  on one node alone: keep a copy
///   node.pem       our certificate and key        authority.books  see ledger.hpp
///   revoked.pem    what was taken back            pending.pem    of a join that waits for its
///   answer
/// One command at a time works on the books (flock); a running node only reads.
class folder {
public:
  explicit folder(std::filesystem::path where) : where_{std::move(where)} {}

  /// Makes the authority of a new cluster and the certificate of its first node.
  /// errc::already_exists: there is one.
  result<void> init(const std::string& cluster, const std::string& node, std::int64_t now) const;

  /// A token for one new node. errc::not_found, here and below: the authority is not here.
  result<token> new_token(std::int64_t now, std::int64_t life) const;

  /// On the new node: makes its key. @return the request, to be carried to the authority.
  /// errc::bad_request: no token, or no name.
  result<std::string> begin_join(const std::string& node, const std::string& token_text) const;

  /// At the authority. The token is spent whatever comes of it. A name that has a good certificate
  /// gets another one: its old one is revoked when the new one is made. @return the answer.
  result<std::string> answer_join(const std::string& request, std::int64_t now) const;

  /// On the new node. errc::bad_request: not the answer to our request.
  result<void> finish_join(const std::string& response, std::int64_t now) const;

  /// A key and a certificate for an administrator, good for `life` seconds. In the books it is
  /// "NAME.admin": revoke() takes that. @return PEM: certificate, key (a secret), authority.
  result<std::string> new_admin(const std::string& name, const std::string& role, std::int64_t now,
                                std::int64_t life) const;

  /// A later end for the authority, which keeps its key, and for this node.
  result<void> renew(std::int64_t now) const;

  /// Takes back certificates by serial or by node. errc::not_found: none such is good.
  result<std::size_t> revoke(const std::string& serial_or_node, std::int64_t now) const;

  /// errc::not_found: this node is in no cluster; errc::bad_setup: what is wrong.
  result<identity> load() const;

  /// A later list, which another node has sent and trust::with() has taken.
  result<void> save_revocations(const std::string& pem) const;

  result<overview> look() const;

private:
  struct open_books;

  std::string path(const char* name) const { return (where_ / name).string(); }
  result<std::string> read(const char* name) const;
  result<void> write(const char* name, const std::string& bytes) const;
  result<open_books> open() const;
  result<void> save(const open_books& x, std::int64_t now) const;
  result<void> save_node(const open_books& x, const issued& made, const std::string& key) const;

  std::filesystem::path where_;
};

} // namespace hamlet::pki
