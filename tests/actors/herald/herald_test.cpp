// SPDX-License-Identifier: Apache-2.0
#include "actors/herald/herald.hpp"
#include "actors/mailbox/shard.hpp"
#include "tests/support/store_actor_test.hpp"

using namespace std::chrono_literals;

namespace hamlet {

/// A real MAILBOX with its store; the ACCOUNT and the SESSION only note what they hear.
class HeraldTest : public StoreActorTest {
protected:
  using Notice = chat::v1::Request;

  static chat_actor::behavior_type fake_session(chat_actor::pointer, std::vector<Notice>* told) {
    return {[told](const chat::v1::Request& x) {
              told->push_back(x);
              return chat::v1::Reply{};
            },
            [](caf::tick_atom) {}};
  }
  /// Of the many questions to an ACCOUNT one is asked here.
  struct account_base : caf::event_based_actor {
    account_base(caf::actor_config& cfg, account::v1::ChatSettings* wishes)
        : caf::event_based_actor{cfg}, wishes_{wishes} {}
    caf::behavior make_behavior() override {
      return {[this](const account::v1::GetChatSettings&) { return *wishes_; }};
    }
    account::v1::ChatSettings* wishes_;
  };

  HeraldTest() {
    auto tables = std::make_shared<router::tables>();
    session = sys.spawn(fake_session, &told);
    account = caf::actor_cast<account_actor>(sys.spawn<account_base>(&wishes));
    messenger = sys.spawn(herald, herald_parts{&owners, &people, &rules});
    box = sys.spawn(mailbox_shard, program->mail, &boxes, messenger);
    tables->accounts.fill(account);
    tables->mailboxes.fill(box);
    tables->sessions.fill(session);
    owners = router{std::move(tables)};
    run();
  }
  ~HeraldTest() override {
    end(box);
    end(messenger);
    end(session);
    end(account);
    owners = router{};
  }

  void come(std::uint32_t clients = 1) {
    user_card card;
    card.who.set_session_id(77);
    card.who.set_nick("ann");
    card.who.set_account_id(ann);
    card.clients = clients;
    card.active_ms = std::make_shared<std::atomic<std::int64_t>>(0);
    people.put(packed_ref{std::make_shared<packed_user>(card)});
  }
  void get_mail(const std::string& text) {
    ASSERT_TRUE(enqueue(mail(++last_id, {ann}, text)));
    mail::v1::Deliver msg;
    msg.set_account_id(ann);
    ASSERT_TRUE(ask<mail::v1::Delivered>(box, msg));
    run();
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (auto& x : told)
      all.push_back(x.receive().event().message().text());
    return all;
  }
  using words = std::vector<std::string>;

  std::int64_t ann = create("ann").value();
  std::int64_t last_id = 0;
  presence people;
  live<herald_rules> rules{{true, "irc.test", 5s}};
  live<mailbox_rules> boxes{{0s, 300s}};
  account::v1::ChatSettings wishes;
  std::vector<Notice> told;
  router owners;
  chat_actor session;
  account_actor account;
  herald_actor messenger;
  mailbox_shard_actor box;
};

TEST_F(HeraldTest, TellsWhoIsThereOfNewMail) {
  come();
  get_mail("From: Bob <bob@example.net>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\nx\r\n");
  ASSERT_EQ(texts(), (words{"New mail from Bob: Caf\u00e9"}));
  EXPECT_EQ(told[0].session_id(), 77);
  EXPECT_EQ(told[0].receive().event().source().nick(), "irc.test");
  EXPECT_EQ(told[0].receive().event().message().kind(), chat::v1::NOTICE);
}

TEST_F(HeraldTest, TellsNobodyWhoIsNotThere) {
  get_mail("Subject: one\r\n\r\n");
  come(0); // stays without a client
  get_mail("Subject: two\r\n\r\n");
  EXPECT_TRUE(told.empty());
}

TEST_F(HeraldTest, TellsOfManyAtOnce) {
  come();
  get_mail("Subject: one\r\n\r\n");
  get_mail("Subject: two\r\n\r\n");
  get_mail("Subject: three\r\n\r\n");
  EXPECT_EQ(texts(), (words{"New mail: one"}));
  pass(4s);
  EXPECT_EQ(told.size(), 1u);
  pass(2s);
  EXPECT_EQ(texts(), (words{"New mail: one", "2 new messages, the latest: three"}));
  pass(20s); // quiet
  EXPECT_EQ(told.size(), 2u);
  EXPECT_TRUE(deref<herald_state>(messenger).recent.empty());
  get_mail("Subject: four\r\n\r\n");
  EXPECT_EQ(told.size(), 3u);
}

TEST_F(HeraldTest, LeavesInPeaceWhoWantsNone) {
  come();
  auto& wish = *wishes.add_setting();
  wish.set_name("mailnotice");
  wish.set_value("off");
  get_mail("Subject: one\r\n\r\n");
  EXPECT_TRUE(told.empty());
  wish.set_value("on");
  pass(10s);
  get_mail("Subject: two\r\n\r\n");
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(HeraldTest, IsSilentWhereTheRulesSaySo) {
  come();
  rules.set({false, "irc.test", 5s});
  get_mail("Subject: one\r\n\r\n");
  EXPECT_TRUE(told.empty());
}

TEST_F(HeraldTest, IsNoPartOfTheDelivery) {
  come();
  end(messenger);
  get_mail("Subject: one\r\n\r\n");
  EXPECT_EQ(MailStore::list(ann).value().messages.size(), 1u);
}

} // namespace hamlet
