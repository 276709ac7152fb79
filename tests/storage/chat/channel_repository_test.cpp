// SPDX-License-Identifier: Apache-2.0
#include "storage/chat/channel_repository.hpp"
#include "tests/support/chat_store.hpp"

namespace hamlet::sql {

class ChannelRepository : public ChatStore {
protected:
  template <class Call>
  errc done(Call call) {
    auto answer = channels<void_t>(call);
    return answer ? errc::none : answer.error().code;
  }
  result<channel_record> record(std::int64_t id) {
    return channels<channel_record>([&](auto& c, auto f) { c.find_id(id, f); });
  }
  errc set_access(std::int64_t channel, std::int64_t account, std::int64_t level,
                  std::size_t at_most = 10) {
    return done([&](auto& c, auto f) {
      c.set_access({channel, account, level, "ov", "alice", 5}, at_most, f);
    });
  }
  errc add(std::int64_t channel, char kind, const std::string& mask, std::size_t at_most = 10) {
    return done([&](auto& c, auto f) {
      c.add_entry(channel, {kind, mask, "alice", 7}, at_most, f);
    });
  }
  std::string lists(std::int64_t channel) {
    auto found = record(channel);
    std::string all;
    for (auto& x : found->lists)
      all += std::string{x.kind} + x.mask + " ";
    return all;
  }
};

TEST_F(ChannelRepository, KeepsAllThatAChannelIs) {
  auto x = channel("#Room");
  x.folded = "#room";
  x.topic = {"about", "alice!a@b", 44};
  x.settings = {"nt", "key", 12, "#overflow", "5:10", 30, "a place"};
  auto id = found(x).value();
  restart();
  auto y = channels<channel_record>([](auto& c, auto f) { c.find("#room", f); })->channel;
  EXPECT_EQ(y.id, id);
  EXPECT_EQ(y.target, x.target);
  EXPECT_EQ(y.name, "#Room");
  EXPECT_EQ(y.founder, alice);
  EXPECT_EQ(y.created_ms, 1'000);
  EXPECT_EQ(y.last_used_ms, 1'000);
  EXPECT_EQ(y.topic.text, "about");
  EXPECT_EQ(y.topic.setter, "alice!a@b");
  EXPECT_EQ(y.topic.time_ms, 44);
  EXPECT_EQ(y.settings.modes, "nt");
  EXPECT_EQ(y.settings.key, "key");
  EXPECT_EQ(y.settings.user_limit, 12);
  EXPECT_EQ(y.settings.forward, "#overflow");
  EXPECT_EQ(y.settings.flood, "5:10");
  EXPECT_EQ(y.settings.retention_days, 30);
  EXPECT_EQ(y.settings.description, "a place");
}

TEST_F(ChannelRepository, RefusesANameOrTargetThatIsTaken) {
  ASSERT_TRUE(found(channel("#a")).has_value());
  EXPECT_EQ(found(channel("#a")).error().code, errc::already_exists);
  auto same_target = channel("#b");
  same_target.target = "#a 1";
  EXPECT_EQ(found(same_target).error().code, errc::already_exists);
  EXPECT_EQ(number("SELECT count(*) FROM channel"), 1);
}

TEST_F(ChannelRepository, LetsAnAccountFoundSoManyAndNoMore) {
  ASSERT_TRUE(found(channel("#a"), 2).has_value());
  ASSERT_TRUE(found(channel("#b"), 2).has_value());
  EXPECT_EQ(found(channel("#c"), 2).error().code, errc::over_quota);
  auto nobodys = channel("#c");
  nobodys.founder = 0;
  EXPECT_TRUE(found(nobodys, 2).has_value());
  auto unknown = channel("#d");
  unknown.founder = 999;
  EXPECT_EQ(found(unknown, 2).error().code, errc::not_found);
}

TEST_F(ChannelRepository, ChangesOneThingAtATime) {
  auto id = found(channel("#a")).value();
  ASSERT_TRUE(found(channel("#b")).has_value());
  channel_settings settings{"s", "k", 1, "#f", "x", 2, "d"};
  EXPECT_EQ(done([&](auto& c, auto f) { c.update(id, settings, f); }), errc::none);
  EXPECT_EQ(done([&](auto& c, auto f) { c.set_topic(id, {"t", "bob", 9}, f); }), errc::none);
  EXPECT_EQ(done([&](auto& c, auto f) { c.rename(id, "#C", "#c", f); }), errc::none);
  EXPECT_EQ(done([&](auto& c, auto f) { c.rename(id, "#B", "#b", f); }), errc::already_exists);
  EXPECT_EQ(done([&](auto& c, auto f) { c.transfer(id, bob, f); }), errc::none);
  EXPECT_EQ(done([&](auto& c, auto f) { c.transfer(id, 999, f); }), errc::not_found);
  EXPECT_EQ(done([&](auto& c, auto f) { c.touch(id, 5'000, f); }), errc::none);
  EXPECT_EQ(done([&](auto& c, auto f) { c.touch(id, 4'000, f); }), errc::none);
  auto x = record(id)->channel;
  EXPECT_EQ(x.name, "#C");
  EXPECT_EQ(x.folded, "#c");
  EXPECT_EQ(x.target, "#a 1"); // its history stays its own
  EXPECT_EQ(x.founder, bob);
  EXPECT_EQ(x.topic.text, "t");
  EXPECT_EQ(x.settings.modes, "s");
  EXPECT_EQ(x.settings.retention_days, 2);
  EXPECT_EQ(x.last_used_ms, 5'000);
  EXPECT_EQ(done([&](auto& c, auto f) { c.transfer(id, 0, f); }), errc::none);
  EXPECT_EQ(record(id)->channel.founder, 0);
}

TEST_F(ChannelRepository, SaysWhenThereIsNoSuchChannel) {
  EXPECT_EQ(record(9).error().code, errc::not_found);
  auto by_name = channels<channel_record>([](auto& c, auto f) { c.find("#no", f); });
  EXPECT_EQ(by_name.error().code, errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.update(9, {}, f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.set_topic(9, {}, f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.rename(9, "#x", "#x", f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.transfer(9, 0, f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.touch(9, 1, f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.drop(9, f); }), errc::not_found);
  EXPECT_EQ(done([](auto& c, auto f) { c.replace_lists(9, {}, f); }), errc::not_found);
  EXPECT_EQ(set_access(9, bob, 1), errc::not_found);
  EXPECT_EQ(add(9, 'b', "*!*@*"), errc::not_found);
  auto access = channels<std::vector<channel_access>>([](auto& c, auto f) { c.access(9, f); });
  EXPECT_EQ(access.error().code, errc::not_found);
}

TEST_F(ChannelRepository, LoadsAllPageByPage) {
  std::vector<std::int64_t> made;
  for (auto* name : {"#c", "#a", "#b"})
    made.push_back(found(channel(name)).value());
  set_access(made[1], bob, 3);
  add(made[1], 'b', "spam!*@*");
  auto load = [&](std::int64_t after) {
    return channels<std::vector<channel_record>>([&](auto& c, auto f) { c.load(after, 2, f); })
      .value();
  };
  auto first = load(0);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[1].channel.name, "#a");
  EXPECT_EQ(first[1].access[0].account_id, bob);
  EXPECT_EQ(first[1].lists[0].mask, "spam!*@*");
  auto second = load(first.back().channel.id);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].channel.id, made[2]);
}

TEST_F(ChannelRepository, KeepsWhoMayDoWhat) {
  auto id = found(channel("#a")).value();
  EXPECT_EQ(set_access(id, bob, 3, 1), errc::none);
  EXPECT_EQ(set_access(id, bob, 4, 1), errc::none); // a change is no second one
  EXPECT_EQ(set_access(id, alice, 4, 1), errc::over_quota);
  EXPECT_EQ(set_access(id, 999, 4), errc::not_found);
  auto list =
    channels<std::vector<channel_access>>([&](auto& c, auto f) { c.access(id, f); }).value();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].channel_id, id);
  EXPECT_EQ(list[0].account_id, bob);
  EXPECT_EQ(list[0].level, 4);
  EXPECT_EQ(list[0].flags, "ov");
  EXPECT_EQ(list[0].setter, "alice");
  EXPECT_EQ(list[0].set_ms, 5);
  auto remove = [&](auto& c, auto f) { c.remove_access(id, bob, f); };
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::not_found);
}

TEST_F(ChannelRepository, KeepsItsLists) {
  auto id = found(channel("#a")).value();
  EXPECT_EQ(add(id, 'b', "x!*@*", 2), errc::none);
  EXPECT_EQ(add(id, 'b', "a!*@*", 2), errc::none);
  EXPECT_EQ(add(id, 'b', "a!*@*", 2), errc::none);
  EXPECT_EQ(add(id, 'b', "c!*@*", 2), errc::over_quota);
  EXPECT_EQ(add(id, 'e', "c!*@*", 2), errc::none); // each kind has its own room
  EXPECT_EQ(lists(id), "ba!*@* bx!*@* ec!*@* ");
  auto remove = [&](auto& c, auto f) { c.remove_entry(id, 'b', "x!*@*", f); };
  EXPECT_EQ(done(remove), errc::none);
  EXPECT_EQ(done(remove), errc::not_found);
  EXPECT_EQ(done([&](auto& c, auto f) {
              c.replace_lists(id, {{'I', "i!*@*", "bob", 8}, {'b', "z!*@*", "bob", 8}}, f);
            }),
            errc::none);
  EXPECT_EQ(lists(id), "Ii!*@* bz!*@* ");
  EXPECT_EQ(record(id)->lists[0].setter, "bob");
  EXPECT_EQ(record(id)->lists[0].set_ms, 8);
}

TEST_F(ChannelRepository, DropsAChannelWithAllThatIsItsOwn) {
  auto id = found(channel("#a")).value();
  auto other = found(channel("#b")).value();
  for (auto c : {id, other}) {
    set_access(c, bob, 3);
    add(c, 'b', "x!*@*");
    people<void_t>(
      [&](auto& p, auto f) { p.set_metadata(channel_key(c), "url", "https://example.org", 5, f); });
  }
  append({said("#a 1", 10, 1)});
  EXPECT_EQ(done([&](auto& c, auto f) { c.drop(id, f); }), errc::none);
  EXPECT_EQ(record(id).error().code, errc::not_found);
  for (auto& left :
       {number("SELECT count(*) FROM channel"), number("SELECT count(*) FROM channel_access"),
        number("SELECT count(*) FROM channel_list"), number("SELECT count(*) FROM chat_metadata"),
        number("SELECT count(*) FROM chat_event")})
    EXPECT_EQ(left, 1);
  auto again = channel("#a");
  again.target = "#a 2";
  EXPECT_GT(found(again).value(), other); // a number is not given twice
}

TEST_F(ChannelRepository, FindsThoseThatNobodyUses) {
  for (auto& [name, used] : {std::pair{"#a", 30}, {"#b", 10}, {"#c", 20}}) {
    auto x = channel(name);
    x.last_used_ms = used;
    ASSERT_TRUE(found(x).has_value());
  }
  auto unused = [&](std::int64_t before, std::size_t at_most) {
    auto all =
      channels<std::vector<chat_channel>>([&](auto& c, auto f) { c.unused(before, at_most, f); });
    std::string names;
    for (auto& x : all.value())
      names += x.name;
    return names;
  };
  EXPECT_EQ(unused(30, 9), "#b#c");
  EXPECT_EQ(unused(30, 1), "#b");
  EXPECT_EQ(unused(10, 9), "");
}

TEST_F(ChannelRepository, SaysWhichChannelsAnAccountHas) {
  auto b = found(channel("#b")).value();
  auto a = found(channel("#a")).value();
  found(channel("#c"));
  set_access(a, bob, 3);
  set_access(b, alice, 9);
  channels<void_t>([&](auto& c, auto f) { c.transfer(b, bob, f); });
  auto roles =
    channels<std::vector<channel_role>>([&](auto& c, auto f) { c.channels_of(bob, f); }).value();
  ASSERT_EQ(roles.size(), 2u);
  EXPECT_EQ(roles[0].channel_id, a);
  EXPECT_EQ(roles[0].name, "#a");
  EXPECT_FALSE(roles[0].is_founder);
  EXPECT_EQ(roles[0].level, 3);
  EXPECT_EQ(roles[0].flags, "ov");
  EXPECT_EQ(roles[1].channel_id, b);
  EXPECT_TRUE(roles[1].is_founder);
  EXPECT_EQ(roles[1].level, 0);
}

} // namespace hamlet::sql
