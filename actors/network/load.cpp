// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/network_rules.hpp"
#include "actors/network/network.hpp"
#include "actors/network/rows.hpp"

namespace hamlet {

sql::ban_kind kind_of(const ban_mask& x) {
  switch (x.what()) {
  case ban_mask::about::kline: return sql::ban_kind::kline;
  case ban_mask::about::dline: return sql::ban_kind::dline;
  case ban_mask::about::nick: return sql::ban_kind::resv_nick;
  case ban_mask::about::channel: break;
  }
  return sql::ban_kind::resv_channel;
}

sql::network_ban row_of(const chat::v1::NetworkBan& x, sql::ban_kind kind) {
  return {kind, x.mask(), x.reason(), x.operator_reason(), x.setter(), x.set_ms(), x.expires_ms()};
}

namespace {

std::string_view word_of(sql::ban_kind kind) {
  switch (kind) {
  case sql::ban_kind::kline: return "kline";
  case sql::ban_kind::dline: return "dline";
  case sql::ban_kind::resv_nick:
  case sql::ban_kind::resv_channel: return "resv";
  case sql::ban_kind::xline: break;
  }
  return {};
}

std::vector<chat::v1::NetworkBan> bans_in(const std::vector<sql::network_ban>& rows) {
  std::vector<chat::v1::NetworkBan> all;
  for (auto& row : rows) {
    if (word_of(row.kind).empty())
      continue; // of a later version
    auto& x = all.emplace_back();
    x.set_kind(std::string{word_of(row.kind)});
    x.set_mask(row.mask);
    x.set_reason(row.reason);
    x.set_operator_reason(row.oper_reason);
    x.set_setter(row.setter);
    x.set_set_ms(row.set_ms);
    x.set_expires_ms(row.expires_ms);
  }
  return all;
}

std::vector<chat::v1::Filter> filters_in(const std::vector<sql::chat_filter>& rows) {
  std::vector<chat::v1::Filter> all;
  for (auto& row : rows) {
    auto action = static_cast<filter_action>(row.action);
    if (action < filter_action::report || action > filter_action::kill)
      continue;
    auto& x = all.emplace_back();
    x.set_id(row.id);
    x.set_pattern(row.pattern);
    x.set_targets(filter_letters(static_cast<std::uint32_t>(row.targets)));
    x.set_action(std::string{to_string(action)});
    x.set_reason(row.reason);
    x.set_setter(row.setter);
    x.set_set_ms(row.set_ms);
  }
  return all;
}

} // namespace

void load_network(sql::ban_repository from, network_rules& into, std::int64_t now_ms,
                  std::function<void(result<network_books>)> done) {
  from.list(now_ms, [from, &into, done](result<std::vector<sql::network_ban>> bans) mutable {
    if (!bans)
      return done(tl::unexpected{std::move(bans.error())});
    from.filters([&into, done, bans = bans_in(*bans)](result<std::vector<sql::chat_filter>> found) {
      if (!found)
        return done(tl::unexpected{std::move(found.error())});
      network_books books{bans, filters_in(*found)};
      into.set_bans(books.bans);
      into.set_filters(books.filters);
      done(std::move(books));
    });
  });
}

} // namespace hamlet
