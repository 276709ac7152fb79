// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/folder.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/pki/enrolment.hpp"
#include "lib/pki/names.hpp"
#include "lib/pki/request.hpp"
#include "lib/tls/certificate.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace hamlet::pki {

namespace {

constexpr std::size_t max_file = 4u << 20;
constexpr const char* authority_file = "authority.pem";
constexpr const char* authority_key = "authority.key";
constexpr const char* books_file = "authority.books";
constexpr const char* node_file = "node.pem";
constexpr const char* revoked_file = "revoked.pem";
constexpr const char* pending_file = "pending.pem";

/// Held while the books are changed. The kernel gives it back when the process ends.
class exclusive {
public:
  explicit exclusive(const std::string& path)
      : fd_{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)} {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  exclusive(exclusive&& x) noexcept : fd_{std::exchange(x.fd_, -1)} {}
  exclusive(const exclusive&) = delete;
  exclusive& operator=(const exclusive&) = delete;
  exclusive& operator=(exclusive&&) = delete;
  ~exclusive() {
    if (fd_ >= 0)
      ::close(fd_);
  }

private:
  int fd_;
};

/// The two halves of a file that has a certificate, or one line, before a key.
std::pair<std::string, std::string> split(const std::string& text) {
  auto at = text.find("-----BEGIN PRIVATE KEY-----");
  return at == text.npos ? std::pair{text, std::string{}}
                         : std::pair{text.substr(0, at), text.substr(at)};
}

tl::unexpected<error> pass_on(const error& why) {
  return tl::unexpected{why};
}

} // namespace

struct folder::open_books {
  exclusive lock;
  authority signs;
  ledger books;
};

result<std::string> folder::read(const char* name) const {
  return crypto::read_private_file(path(name), max_file);
}

result<void> folder::write(const char* name, const std::string& bytes) const {
  return crypto::write_private_file(path(name), bytes, crypto::existing::replace);
}

result<folder::open_books> folder::open() const {
  if (!std::filesystem::exists(where_ / authority_key))
    return fail(errc::not_found, "the authority of the cluster is not on this node");
  exclusive lock{path("authority.lock")};
  auto certificate = read(authority_file);
  auto key = read(authority_key);
  auto text = read(books_file);
  for (auto* x : {&certificate, &key, &text})
    if (!*x)
      return fail(errc::bad_setup, x->error().detail);
  auto signs = authority::load(*certificate, *key);
  crypto::wipe(*key);
  auto books = ledger::read(*text);
  if (!signs)
    return pass_on(signs.error());
  if (!books)
    return pass_on(books.error());
  return open_books{std::move(lock), std::move(*signs), std::move(*books)};
}

/// The books first: a list that is older than they are is made again with the next change.
result<void> folder::save(const open_books& x, std::int64_t now) const {
  auto list = x.signs.list(x.books.revocations, x.books.number, now);
  if (!list)
    return pass_on(list.error());
  auto done = write(books_file, x.books.text());
  return done ? write(revoked_file, *list) : done;
}

result<void> folder::save_node(const open_books& x, const issued& made,
                               const std::string& key) const {
  auto both = made.pem + key;
  auto done = write(node_file, both);
  crypto::wipe(both);
  return done ? write(authority_file, x.signs.certificate_pem()) : done;
}

result<void> folder::init(const std::string& cluster, const std::string& node,
                          std::int64_t now) const {
  if (std::filesystem::exists(where_ / authority_file))
    return fail(errc::already_exists, "this node is in a cluster: " + where_.string());
  auto signs = authority::make(cluster, now);
  auto wanted = make_request(node);
  if (!signs)
    return pass_on(signs.error());
  if (!wanted)
    return pass_on(wanted.error());
  auto made = signs->sign(wanted->request, node, now);
  if (!made)
    return pass_on(made.error());
  std::error_code failed;
  std::filesystem::create_directories(where_, failed);
  std::filesystem::permissions(where_, std::filesystem::perms::owner_all, failed);
  if (failed)
    return fail(errc::bad_setup, where_.string() + ": " + failed.message());
  ledger books;
  books.issued.push_back({made->serial, node, made->not_after});
  open_books x{exclusive{path("authority.lock")}, std::move(*signs), std::move(books)};
  // authority.pem comes last: without it there is no cluster, and init() may be called again.
  auto key = x.signs.key_pem();
  auto done = write(authority_key, key);
  if (done)
    done = save(x, now);
  if (done)
    done = save_node(x, *made, wanted->key);
  crypto::wipe(key);
  crypto::wipe(wanted->key);
  return done;
}

result<token> folder::new_token(std::int64_t now, std::int64_t life) const {
  auto x = open();
  if (!x)
    return pass_on(x.error());
  auto made = make_token(now, life);
  x->books.sweep(now);
  x->books.tokens.push_back(made.record);
  auto done = save(*x, now);
  return done ? result<token>{made} : pass_on(done.error());
}

result<std::string> folder::begin_join(const std::string& node,
                                       const std::string& token_text) const {
  auto known = read_token(token_text);
  if (!known)
    return fail(errc::bad_request, "that is no token of `hamlet cluster token`");
  auto made = make_request(node);
  if (!made)
    return pass_on(made.error());
  std::error_code failed;
  std::filesystem::create_directories(where_, failed);
  std::filesystem::permissions(where_, std::filesystem::perms::owner_all, failed);
  auto pending = known->key + '\n' + made->key;
  auto done = write(pending_file, pending);
  crypto::wipe(pending);
  crypto::wipe(made->key);
  if (!done)
    return pass_on(done.error());
  return pki::write(join_request{node, known->id, made->request}, known->key);
}

result<std::string> folder::answer_join(const std::string& request, std::int64_t now) const {
  auto wanted = read_join_request(request);
  auto x = open();
  if (!x)
    return pass_on(x.error());
  if (!wanted)
    return pass_on(wanted.error());
  auto spent = x->books.spend(wanted->token_id, now);
  if (auto done = save(*x, now); !done)
    return pass_on(done.error());
  if (!spent)
    return pass_on(spent.error());
  if (!is_proven(request, spent->key))
    return fail(errc::bad_request, "the request was not made with that token; it is spent now");
  auto made = x->signs.sign(wanted->request, wanted->node, now);
  if (!made)
    return pass_on(made.error());
  if (x->books.revoke(wanted->node, now) > 0)
    ++x->books.number;
  x->books.issued.push_back({made->serial, wanted->node, made->not_after});
  if (auto done = save(*x, now); !done)
    return pass_on(done.error());
  auto list = read(revoked_file);
  if (!list)
    return pass_on(list.error());
  return pki::write(join_response{made->pem, x->signs.certificate_pem(), *list}, spent->key);
}

result<void> folder::finish_join(const std::string& response, std::int64_t now) const {
  auto pending = read(pending_file);
  if (!pending)
    return fail(errc::bad_request, "this node has not asked to join");
  auto [first, key] = split(*pending);
  crypto::wipe(*pending);
  auto got = read_join_response(response, first.substr(0, first.find('\n')));
  if (!got)
    return pass_on(got.error());
  auto believes = trust::load(got->authority, got->revocations);
  if (!believes)
    return pass_on(believes.error());
  if (auto before = load(); before && before->believes.cluster() != believes->cluster())
    return fail(errc::already_exists, "this node is in the cluster " + before->believes.cluster());
  auto judged = believes->check(got->certificate, now);
  auto ours = certificate_of(got->certificate);
  auto secret = key_of(key);
  if (!judged.good() || !ours || !secret || !tls::has_key(*ours, *secret))
    return fail(errc::bad_request, "the certificate in the answer is not for this node");
  auto both = got->certificate + key;
  auto done = write(authority_file, got->authority);
  if (done)
    done = write(revoked_file, got->revocations);
  if (done)
    done = write(node_file, both);
  crypto::wipe(both);
  crypto::wipe(key);
  if (done)
    std::filesystem::remove(where_ / pending_file);
  return done;
}

result<std::string> folder::new_admin(const std::string& name, const std::string& role,
                                      std::int64_t now, std::int64_t life) const {
  auto wanted = make_request(name);
  auto x = open();
  if (!x)
    return pass_on(x.error());
  if (!wanted)
    return pass_on(wanted.error());
  auto made = x->signs.sign_admin(wanted->request, name, role, now, life);
  if (!made)
    return pass_on(made.error());
  x->books.sweep(now);
  x->books.issued.push_back({made->serial, name + ".admin", made->not_after});
  if (auto done = save(*x, now); !done)
    return pass_on(done.error());
  auto all = made->pem + wanted->key + x->signs.certificate_pem();
  crypto::wipe(wanted->key);
  return all;
}

result<void> folder::renew(std::int64_t now) const {
  auto x = open();
  auto own = load();
  if (!x)
    return pass_on(x.error());
  if (!own)
    return pass_on(own.error());
  auto signs = x->signs.renewed(now);
  auto wanted = make_request(own->node, own->key);
  if (!signs || !wanted)
    return pass_on(signs ? wanted.error() : signs.error());
  x->signs = std::move(*signs);
  auto made = x->signs.sign(*wanted, own->node, now);
  if (!made)
    return pass_on(made.error());
  x->books.sweep(now);
  x->books.issued.push_back({made->serial, own->node, made->not_after});
  auto done = save(*x, now);
  if (done)
    done = save_node(*x, *made, own->key);
  crypto::wipe(own->key);
  return done;
}

result<std::size_t> folder::revoke(const std::string& serial_or_node, std::int64_t now) const {
  auto x = open();
  if (!x)
    return pass_on(x.error());
  auto taken = x->books.revoke(serial_or_node, now);
  if (taken == 0)
    return fail(errc::not_found, "no good certificate has the serial or node " + serial_or_node);
  ++x->books.number;
  auto done = save(*x, now);
  return done ? result<std::size_t>{taken} : pass_on(done.error());
}

result<identity> folder::load() const {
  if (!std::filesystem::exists(where_ / node_file))
    return fail(errc::not_found, "this node is in no cluster");
  auto certificate = read(node_file);
  auto root = read(authority_file);
  auto list = read(revoked_file);
  for (auto* x : {&certificate, &root, &list})
    if (!*x)
      return fail(errc::bad_setup, x->error().detail);
  auto believes = trust::load(*root, *list);
  if (!believes)
    return pass_on(believes.error());
  auto [own, key] = split(*certificate);
  crypto::wipe(*certificate);
  auto ours = certificate_of(own);
  if (!ours || key.empty())
    return fail(errc::bad_setup, path(node_file) + " has no certificate and key");
  std::string node;
  for (auto& host : tls::names_of(*ours))
    if (auto name = node_of(host); !name.empty())
      node = name;
  return identity{node, own, std::move(key), end_of(*ours), std::move(*believes)};
}

result<void> folder::save_revocations(const std::string& pem) const {
  return write(revoked_file, pem);
}

result<overview> folder::look() const {
  auto own = load();
  if (!own)
    return pass_on(own.error());
  crypto::wipe(own->key);
  overview found;
  auto root = certificate_of(own->believes.authority_pem());
  found.cluster = own->believes.cluster();
  found.fingerprint = tls::fingerprint(*root);
  found.not_after = end_of(*root);
  found.node = own->node;
  found.node_not_after = own->not_after;
  found.list_number = own->believes.revocations().number();
  found.has_authority = std::filesystem::exists(where_ / authority_key);
  if (found.has_authority) {
    auto x = open();
    if (!x)
      return pass_on(x.error());
    found.books = std::move(x->books);
  }
  return found;
}

} // namespace hamlet::pki
