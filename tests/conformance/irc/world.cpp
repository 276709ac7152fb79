// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/irc/world.hpp"

#include "gateway/irc/verbs.hpp"
#include "lib/config/describe.hpp"
#include "lib/config/load.hpp"
#include "lib/sasl/scram.hpp"
#include "node/chat_rules.hpp"
#include "node/rules.hpp"
#include "tests/conformance/irc/client.hpp"

#include <caf/event_based_actor.hpp>

#include <fstream>

namespace hamlet::irc {

namespace {

constexpr std::size_t shards_of_a_kind = 3; ///< for 256: so that not all meets in one
constexpr crypto::argon2_cost cheap{1, 8u << 10};
constexpr auto domain = "example.org"; ///< of MailStore

/// Sections with their lines; a later line of the same name wins.
std::string settings_text(const std::string& base, const std::vector<std::string>& more) {
  std::map<std::string, std::map<std::string, std::string>> sections;
  std::string section;
  auto put = [&](const std::string& where, const std::string& line) {
    auto equals = line.find(" = ");
    sections[where][line.substr(0, equals)] = line.substr(equals + 3);
  };
  for (std::istringstream in{base}; in;) {
    std::string line;
    std::getline(in, line);
    if (line.starts_with('['))
      section = line.substr(1, line.find(']') - 1);
    else if (line.find(" = ") != line.npos && !line.starts_with('#'))
      put(section, line);
  }
  for (auto& line : more) {
    auto dot = line.find('.');
    put(line.substr(0, dot), line.substr(dot + 1));
  }
  std::string out;
  for (auto& [name, lines] : sections) {
    out += "[" + name + "]\n";
    for (auto& [key, value] : lines)
      out += key + " = " + value + "\n";
  }
  return out;
}

config::settings settings_with(const std::vector<std::string>& more) {
  std::ifstream in{std::string{CHATS} + "/settings.toml"};
  std::string base{std::istreambuf_iterator<char>{in}, {}};
  auto loaded = config::load(settings_text(base, more), "settings");
  if (!loaded)
    ADD_FAILURE() << loaded.error().front();
  return loaded ? *loaded : config::settings{};
}

/// Writes into the book what FANOUT sends.
class recorder : public postman {
public:
  explicit recorder(std::shared_ptr<notebook> book) : book_{std::move(book)} {}

  struct listed : crowd {
    std::vector<std::int64_t> all;
    std::size_t size() const override { return all.size(); }
  };
  void add(const address& to, const net::shared_bytes& bytes) override {
    waiting_.emplace_back(to.connection_id, bytes);
  }
  std::unique_ptr<crowd> gather(std::span<const address* const> all) override {
    auto out = std::make_unique<listed>();
    for (auto* x : all)
      out->all.push_back(x->connection_id);
    return out;
  }
  void add(const crowd& to, const net::shared_bytes& bytes, const address* except) override {
    for (auto id : static_cast<const listed&>(to).all)
      if (except == nullptr || id != except->connection_id)
        waiting_.emplace_back(id, bytes);
  }
  void send() override {
    for (auto& [id, bytes] : std::exchange(waiting_, {}))
      if (auto& page = book_->of[id]; !page.is_closed)
        page.heard += *bytes;
  }

private:
  std::shared_ptr<notebook> book_;
  std::vector<std::pair<std::int64_t, net::shared_bytes>> waiting_;
};

} // namespace

// -- the actors -----------------------------------------------------------------------------------

void ChatWorld::begin(const dialogue& what, std::size_t piece) {
  piece_ = what.all_of("whole").empty() ? piece : 0;
  settings_ = what.all_of("setting");
  auto settings = settings_with(settings_);
  policy_ = std::make_shared<policy>();
  policy_->settings = settings;
  policy_->server_name = settings.chat.server_name.value;
  policy_->network_name = settings.chat.network.value;
  policy_->motd = what.all_of("motd");
  policy_->created_ms = 1'795'300'000'000;
  policy_->people = &people_;
  policy_->rules = &bans_;
  policy_->numbers = &numbers_;
  policy_->lag = {static_cast<std::uint32_t>(settings.chat_limits.burst.value),
                  settings.chat_limits.commands.value.count,
                  settings.chat_limits.commands.value.per};
  if (settings.chat.cloak.value)
    policy_->cloaks.emplace(std::string(32, 'k'), policy_->network_name);
  policy_->offers_tls = true;
  policy_->tls_port = 6697;
  for (auto& verb : all_verbs())
    numbers_.commands[std::string{verb.name}];
  set_rules(settings);
  spawn_owners();
}

void ChatWorld::set_rules(const hamlet::config::settings& settings) {
  account_rules_.set(node::account_rules_of(settings));
  registrations_.change(node::registration_bounds_of(settings));
  nick_rules_.set(node::nick_rules_of(settings));
  session_rules_.set(node::session_rules_of(settings));
  channel_rules_.set(node::channel_rules_of(settings));
  network_settings_.set(node::network_rules_of(settings, {}));
}

void ChatWorld::reload(const std::string& setting) {
  settings_.push_back(setting);
  auto fresh = std::make_shared<policy>(*policy_);
  fresh->settings = hamlet::config::reloaded(policy_->settings, settings_with(settings_));
  set_rules(fresh->settings);
  policy_ = std::move(fresh);
  caf::anon_send(actors_.fanout, policy_changed{policy_});
  run();
}

find_nick_owner ChatWorld::ask_owner_of_nick() {
  return [this](const std::string& nick, std::int64_t asker, sql::completion<nick_owner> done) {
    account::v1::OwnerOfNick question;
    question.set_nick(nick);
    question.set_account_id(asker);
    sys.spawn([to = actors_.accounts, question, done](caf::event_based_actor* self) {
      self->request(to, patience, question)
        .then(
          [done](const account::v1::NickOwner& x) {
            done(nick_owner{x.account_id(), x.chat_name()});
          },
          [done](const caf::error&) { done(fail(errc::timed_out)); });
    });
  };
}

void ChatWorld::spawn_owners() {
  auto dummy = crypto::hash_password("nothing", cheap).value();
  sql::chat_account_repository people{program->changes, program->views};
  sql::history_repository history{program->changes, program->views};
  sql::channel_repository channels{program->changes, program->views};
  sql::ban_repository bans{program->changes, program->views};
  auto next_id = [this] { return ids_.next(); };
  auto& all = actors_;
  all.accounts =
    sys.spawn(account_shard, account_parts{program->accounts, people, &key_, &workers, &guard_,
                                           &registrations_, &account_rules_, dummy});
  auto tables = std::make_shared<router::tables>();
  for (std::size_t i = 0; i < shards_of_a_kind; ++i) {
    all.nicks.push_back(
      sys.spawn(nick_shard, nick_parts{&owners_, &nick_rules_, &bans_, ask_owner_of_nick()}));
    all.sessions.push_back(
      sys.spawn(session_shard, session_parts{&owners_, &people_, &ids_, &session_rules_, people,
                                             history, ask_owner_of_nick()}));
    all.channels.push_back(sys.spawn(
      channel_shard,
      channel_parts{[this]() -> const router& { return owners_; }, history, channels, people,
                    &people_, next_id, &channel_rules_,
                    [this](std::string_view x) { return bans_.is_reserved_channel(x); }}));
  }
  network_parts parts{bans,
                      &bans_,
                      &people_,
                      &workers,
                      [this](std::int64_t id) { return owners_.session_of(id); },
                      [this] { return owners_.fanout(); },
                      next_id,
                      [] { return std::int64_t{1'795'305'600'000}; },
                      &network_settings_,
                      dummy,
                      {}};
  all.network = sys.spawn(chat_network, std::move(parts));
  all.fanout = sys.spawn(fanout, std::shared_ptr<const policy>{policy_},
                         std::shared_ptr<postman>{std::make_shared<recorder>(book_)});
  for (std::size_t i = 0; i < shard_count; ++i) {
    tables->accounts[i] = all.accounts;
    tables->nicks[i] = all.nicks[i % shards_of_a_kind];
    tables->sessions[i] = all.sessions[i % shards_of_a_kind];
    tables->channels[i] = all.channels[i % shards_of_a_kind];
  }
  tables->network = all.network;
  tables->fanout = all.fanout;
  owners_ = router{std::move(tables)};
  run();
}

ChatWorld::~ChatWorld() {
  for (auto& [_, x] : clients_)
    retired_.push_back(std::move(x.owner));
  for (auto& x : retired_)
    end(x);
  for (auto* kind : {&actors_.sessions, &actors_.channels, &actors_.nicks})
    for (auto& x : *kind)
      end(x);
  if (actors_.network)
    end(actors_.network);
  if (actors_.fanout)
    end(actors_.fanout);
  if (actors_.accounts)
    end(actors_.accounts);
  owners_ = {};
  actors_ = {};
}

// -- clients --------------------------------------------------------------------------------------

void ChatWorld::open(const std::string& name, const std::vector<std::string>& words) {
  auto has = [&](const char* x) { return std::ranges::find(words, x) != words.end(); };
  if (auto before = clients_.find(name); before != clients_.end())
    retired_.push_back(std::move(before->second.owner));
  connected fresh;
  fresh.id = ids_.next();
  fresh.is_websocket = has("websocket");
  origin from;
  from.connection_id = fresh.id;
  from.address = "127.0.0.1";
  from.wire = fresh.is_websocket ? framing::ws_text : framing::lines;
  from.is_exempt =
    any_contains(policy_->settings.chat_limits.exempt.value, std::string_view{"127.0.0.1"});
  channel facts;
  facts.is_tls = has("tls") || has("certificate");
  if (facts.is_tls)
    facts.binding = {"exporter", "end-point"}, facts.server_name = "chat.test";
  if (has("certificate"))
    facts.certificate = certificate();
  fresh.owner =
    sys.spawn(client, client_parts{policy_, &owners_, actors_.fanout, &people_, &ids_, book_},
              std::move(from), std::move(facts));
  clients_[name] = std::move(fresh);
  run();
}

void ChatWorld::send(const std::string& name, std::string_view bytes) {
  auto& to = clients_.at(name);
  auto size = piece_ == 0 ? bytes.size() : piece_;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    if (is_closed(name) || to.is_gone)
      return;
    caf::anon_send(to.owner, net::received{std::string{bytes.substr(0, size)}});
    run();
  }
  auto is_waiting = [](auto& x) { return deref<client_state>(x.second.owner).proto->is_waiting(); };
  pass(std::chrono::seconds{1});
  for (int i = 0; i < 10 && std::ranges::any_of(clients_, is_waiting); ++i)
    pass(std::chrono::seconds{1}); // for what is answered late, with the next beat
}

std::optional<std::string> ChatWorld::next_line(const std::string& name) {
  auto& from = clients_.at(name);
  auto& heard = book_->of[from.id].heard;
  if (from.is_gone)
    heard.clear();
  if (from.is_websocket) // text frames of at most 64 KiB, none of them masked
    while (heard.size() >= 2) {
      std::size_t size = static_cast<unsigned char>(heard[1]), at = 2;
      if (size == 126) {
        size = static_cast<unsigned char>(heard[2]) * 256u + static_cast<unsigned char>(heard[3]);
        at = 4;
      }
      from.unread += heard.substr(at, size) + "\r\n";
      heard.erase(0, at + size);
    }
  else
    from.unread += std::exchange(heard, {});
  auto end = from.unread.find("\r\n");
  if (end == from.unread.npos)
    return from.unread.empty() ? std::nullopt
                               : std::optional{std::exchange(from.unread, {}) + "(no CRLF)"};
  auto line = from.unread.substr(0, end);
  from.unread.erase(0, end + 2);
  return line;
}

bool ChatWorld::is_closed(const std::string& name) {
  return book_->of[clients_.at(name).id].is_closed;
}

void ChatWorld::hang_up(const std::string& name) {
  auto& who = clients_.at(name);
  who.is_gone = true;
  caf::anon_send(who.owner, net::closed{net::close_reason::by_peer});
  run();
}

// -- accounts -------------------------------------------------------------------------------------

void ChatWorld::add_member(const std::string& name, const std::string& kind) {
  sql::account x;
  x.local = name;
  x.domain = domain;
  x.rank = kind == "admin"       ? sql::role::admin
           : kind == "moderator" ? sql::role::moderator
                                 : sql::role::member;
  if (kind == "disabled")
    x.status = sql::account_status::disabled;
  x.scram_salt = "salt of the house";
  x.scram_iterations = sasl::scram_iterations;
  x.created_at = start;
  auto keys = sasl::derive_scram_keys("secret", x.scram_salt, sasl::scram_iterations);
  x.password = {crypto::hash_password("secret", cheap).value(), keys.stored_key, keys.server_key};
  auto made = wait<std::int64_t>([&](auto done) { program->accounts.create(x, done); });
  ASSERT_TRUE(made.has_value()) << made.error().detail;
}

void ChatWorld::certify(const std::string& name) {
  auto found = wait<std::optional<sql::login>>(
    [&](auto done) { program->accounts.find_login(name, domain, done); });
  ASSERT_TRUE(found && *found);
  sql::chat_certificate fresh{certificate(), (*found)->who.id, "", 1};
  sql::chat_account_repository people{program->changes, program->views};
  ASSERT_TRUE(
    wait<void_t>([&](auto done) { people.add_certificate(fresh, 10, done); }).has_value());
}

} // namespace hamlet::irc
