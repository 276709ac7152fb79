// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/account/account.hpp"
#include "actors/channel/channel_shard.hpp"
#include "actors/chat/network_rules.hpp"
#include "actors/network/network.hpp"
#include "actors/nick/nick.hpp"
#include "actors/session/session.hpp"
#include "gateway/irc/fanout.hpp"
#include "gateway/irc/session.hpp"
#include "tests/conformance/irc/dialogue.hpp"
#include "tests/support/store_actor_test.hpp"

#include <map>

namespace hamlet::irc {

/// What was written to whom, in the place of sockets.
struct notebook {
  struct page {
    std::string heard;
    framing wire = framing::lines;
    bool is_closed = false;
  };
  std::map<std::int64_t, page> of; ///< by connection
};

struct client_state;

/// All actors of chat over a real store, on one thread; clients are pure sessions. Each send runs
/// until nobody has anything to do.
class ChatWorld : public StoreActorTest, public dialogue_world {
protected:
  /// @param piece Octets that come at once; 0: as they are sent.
  void begin(const dialogue& what, std::size_t piece);
  ~ChatWorld() override;

  void open(const std::string& client, const std::vector<std::string>& words) override;
  void send(const std::string& client, std::string_view bytes) override;
  std::optional<std::string> next_line(const std::string& client) override;
  bool is_closed(const std::string& client) override;
  void hang_up(const std::string& client) override;
  void add_member(const std::string& name, const std::string& kind) override;
  void reload(const std::string& setting) override;
  void certify(const std::string& name) override;
  std::string certificate() const override { return std::string(64, 'c'); }

private:
  struct shards {
    account_actor accounts;
    std::vector<chat_actor> nicks, sessions, channels;
    chat_actor network;
    local_fanout_actor fanout;
  };
  struct connected {
    std::int64_t id = 0;
    connection_actor owner;
    bool is_websocket = false;
    bool is_gone = false;
    std::string unread;
  };

  void set_rules(const hamlet::config::settings& settings);
  void spawn_owners();
  find_nick_owner ask_owner_of_nick();

  std::size_t piece_ = 0;
  std::vector<std::string> settings_; ///< lines beyond settings.toml
  std::shared_ptr<notebook> book_ = std::make_shared<notebook>();
  std::map<std::string, connected> clients_;
  std::vector<connection_actor> retired_;
  id_source ids_{1};
  presence people_;
  network_rules bans_;
  statistics numbers_;
  std::shared_ptr<policy> policy_;
  crypto::server_key key_{std::string(crypto::server_key::size, 'k')};
  login_guard guard_{{}};
  registration_guard registrations_{{}};
  live<account_rules> account_rules_{{}};
  live<nick_rules> nick_rules_{{}};
  live<session_rules> session_rules_{{}};
  live<channel_rules> channel_rules_{{}};
  live<network_rules_settings> network_settings_{{}};
  router owners_;
  shards actors_;
};

} // namespace hamlet::irc
