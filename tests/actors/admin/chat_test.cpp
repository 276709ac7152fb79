// SPDX-License-Identifier: Apache-2.0
#include "tests/actors/admin/admin_fixture.hpp"

namespace hamlet::admin {

namespace {

using chat::v1::Reply;
using chat::v1::Request;

/// The owners of chat are the test: what they were asked is in `asked`.
class AdminChat : public AdminTest {
protected:
  AdminChat() {
    chat_answer = [this](const Request& x) {
      asked.push_back(x);
      return say(x);
    };
  }

  void come(std::int64_t id, const std::string& nick, const std::string& account = {}) {
    user_card card;
    card.who.set_session_id(id);
    card.who.set_nick(nick);
    card.who.set_account(account);
    card.who.set_address("192.0.2.1");
    card.clients = 1;
    people.put(std::make_shared<const user_card>(card));
  }
  static void add(Reply& to, const std::string& kind, const std::string& mask) {
    auto& ban = *to.add_bans();
    ban.set_kind(kind);
    ban.set_mask(mask);
  }
  static v1::AddBanRequest ban(const std::string& kind, const std::string& mask) {
    v1::AddBanRequest x;
    x.set_kind(kind);
    x.set_mask(mask);
    return x;
  }
  std::int64_t register_channel(const std::string& channel) {
    sql::chat_channel x;
    x.name = x.folded = x.target = channel;
    x.settings.description = "about tea";
    sql::channel_repository channels{program->changes, program->views};
    return wait<std::int64_t>([&](auto f) { channels.create(x, 10, f); }).value();
  }

  std::function<Reply(const Request&)> say = [](const Request&) { return Reply{}; };
  std::vector<Request> asked;
};

} // namespace

TEST_F(AdminChat, ListsBansInOrderPageByPage) {
  say = [](const Request&) {
    Reply all;
    add(all, "resv", "king");
    add(all, "kline", "*@b.test");
    add(all, "kline", "*@a.test");
    return all;
  };
  v1::ListBansRequest x;
  x.set_page_size(2);
  auto page = done<v1::ListBansResponse>("Bans/List", x);
  ASSERT_EQ(page.bans_size(), 2);
  EXPECT_EQ(page.bans(0).mask(), "*@a.test");
  x.set_page_token(page.next_page_token());
  page = done<v1::ListBansResponse>("Bans/List", x);
  ASSERT_EQ(page.bans_size(), 1);
  EXPECT_EQ(page.bans(0).mask(), "king");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(AdminChat, BansInTheNameOfWhoCalls) {
  say = [](const Request& x) {
    Reply done;
    *done.add_bans() = x.add_ban().ban();
    done.set_detail("3");
    return done;
  };
  auto x = ban("dline", "192.0.2.0/24");
  x.set_duration_s(60);
  auto made = done<v1::AddBanResponse>("Bans/Add", x, certified("ann", "moderator"));
  EXPECT_EQ(made.ended(), 3);
  EXPECT_EQ(made.ban().mask(), "192.0.2.0/24");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].who().nick(), "certificate:ann");
  EXPECT_EQ(asked[0].add_ban().duration_s(), 60);
}

TEST_F(AdminChat, AsksTheNetworkTwiceOnlyWhereManyAreMeant) {
  say = [this](const Request&) {
    Reply x;
    if (asked.size() == 1) {
      x.set_refusal(chat::v1::LIMIT_REACHED);
      x.set_detail("That hits 9 of 10 users");
    }
    return x;
  };
  auto x = ban("kline", "*@many.test");
  auto answer = call("Bans/Add", x);
  EXPECT_EQ(static_cast<status>(answer.code()), status::failed_precondition);
  EXPECT_NE(answer.message().find("9 of 10"), std::string::npos);
  asked.clear();
  x.set_hits_many(true);
  EXPECT_EQ(refused("Bans/Add", x), status::ok);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(AdminChat, RefusesBansThatAreNone) {
  EXPECT_EQ(refused("Bans/Add", ban("xline", "a@b")), status::invalid_argument);
  EXPECT_EQ(refused("Bans/Add", ban("dline", "nonsense")), status::invalid_argument);
  EXPECT_EQ(refused("Bans/Add", ban("kline", "*@*")), status::invalid_argument);
  auto x = ban("kline", "*@a.test");
  x.set_duration_s(-1);
  EXPECT_EQ(refused("Bans/Add", x), status::invalid_argument);
  x.set_duration_s(0);
  x.set_validate_only(true);
  EXPECT_EQ(done<v1::AddBanResponse>("Bans/Add", x).ban().mask(), "*@a.test");
  EXPECT_TRUE(asked.empty());
}

TEST_F(AdminChat, LiftsABanThatIsThere) {
  say = [](const Request&) {
    Reply all;
    add(all, "kline", "*@a.test");
    return all;
  };
  v1::LiftBanRequest x;
  x.set_kind("kline");
  x.set_mask("*@a.test");
  x.set_validate_only(true);
  EXPECT_EQ(refused("Bans/Lift", x), status::ok);
  EXPECT_EQ(asked.size(), 1u); // it was only looked at
  x.set_validate_only(false);
  EXPECT_EQ(done<v1::Ban>("Bans/Lift", x).mask(), "*@a.test");
  EXPECT_TRUE(asked.back().has_remove_ban());
  x.set_mask("*@b.test");
  EXPECT_EQ(refused("Bans/Lift", x), status::not_found);
}

TEST_F(AdminChat, ListsSessionsPageByPage) {
  for (auto id : {30, 10, 20})
    come(id, "n" + std::to_string(id), id == 10 ? "ann" : "");
  v1::ListSessionsRequest x;
  x.set_page_size(2);
  auto page = done<v1::ListSessionsResponse>("Sessions/List", x);
  ASSERT_EQ(page.sessions_size(), 2);
  EXPECT_EQ(page.sessions(0).nick(), "n10");
  EXPECT_EQ(page.sessions(0).address(), "192.0.2.1");
  x.set_page_token(page.next_page_token());
  page = done<v1::ListSessionsResponse>("Sessions/List", x);
  ASSERT_EQ(page.sessions_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
  x.clear_page_token();
  x.set_account("ann");
  EXPECT_EQ(done<v1::ListSessionsResponse>("Sessions/List", x).sessions_size(), 1);
}

TEST_F(AdminChat, ShowsAddressesToNoViewer) {
  EXPECT_EQ(refused("Sessions/List", v1::ListSessionsRequest{}, certified("ann", "viewer")),
            status::permission_denied);
}

TEST_F(AdminChat, DisconnectsASession) {
  come(10, "ann");
  v1::DisconnectRequest x;
  x.set_session_id(10);
  x.set_reason("good night");
  x.set_validate_only(true);
  EXPECT_EQ(refused("Sessions/Disconnect", x), status::ok);
  EXPECT_TRUE(asked.empty());
  x.set_validate_only(false);
  EXPECT_EQ(done<v1::Session>("Sessions/Disconnect", x).nick(), "ann");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].session_id(), 10);
  EXPECT_EQ(asked[0].kill().reason(), "good night");
  x.set_session_id(11);
  EXPECT_EQ(refused("Sessions/Disconnect", x), status::not_found);
  x.set_session_id(10);
  x.set_reason("a\r\nQUIT");
  EXPECT_EQ(refused("Sessions/Disconnect", x), status::invalid_argument);
}

TEST_F(AdminChat, ShowsChannelsThatAreOpenAndThoseThatAreRegistered) {
  auto card = std::make_shared<channel_card>();
  card->name = "#Open";
  card->members = 4;
  people.put(channel_ref{card});
  register_channel("#tea");
  auto all = done<v1::ListChannelsResponse>("Channels/List", v1::ListChannelsRequest{});
  ASSERT_EQ(all.channels_size(), 1);
  EXPECT_EQ(all.channels(0).members(), 4);
  v1::GetChannelRequest get;
  get.set_channel("#open");
  EXPECT_EQ(done<v1::Channel>("Channels/Get", get).name(), "#Open");
  get.set_channel("#Tea");
  auto tea = done<v1::Channel>("Channels/Get", get);
  EXPECT_TRUE(tea.is_registered());
  EXPECT_EQ(tea.description(), "about tea");
  get.set_channel("#none");
  EXPECT_EQ(refused("Channels/Get", get), status::not_found);
}

TEST_F(AdminChat, SetsAnOptionOfARegisteredChannel) {
  register_channel("#tea");
  v1::SetChannelOptionRequest x;
  x.set_channel("#tea");
  x.set_name("founder");
  x.set_value("ann");
  EXPECT_EQ(refused("Channels/SetOption", x), status::ok);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_NE(asked[0].set_channel_option().account_id(), 0);
  EXPECT_TRUE(asked[0].set_channel_option().forced());
  x.set_value("nobody");
  EXPECT_EQ(refused("Channels/SetOption", x), status::invalid_argument);
  x.set_name("colour");
  EXPECT_EQ(refused("Channels/SetOption", x), status::invalid_argument);
  x.set_name("description");
  x.set_channel("#none");
  EXPECT_EQ(refused("Channels/SetOption", x), status::not_found);
}

TEST_F(AdminChat, DropsARegistration) {
  register_channel("#tea");
  v1::DropChannelRequest x;
  x.set_channel("#TEA");
  EXPECT_EQ(refused("Channels/Drop", x), status::ok);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].drop_channel().forced());
  say = [](const Request&) {
    Reply no;
    no.set_refusal(chat::v1::FAILED);
    return no;
  };
  EXPECT_EQ(refused("Channels/Drop", x), status::unavailable);
}

} // namespace hamlet::admin
