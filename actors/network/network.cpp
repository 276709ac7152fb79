// SPDX-License-Identifier: Apache-2.0
#include "actors/network/network.hpp"

#include "actors/chat/mirror_notes.hpp"
#include "actors/chat/network_rules.hpp"
#include "actors/resume.hpp"
#include "lib/log/log.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace hamlet {

namespace {

constexpr auto beat = 1s; // bans end within it, refusals are answered within it
constexpr auto store_timeout = 25s;
constexpr auto telling_timeout = 10s;             // of other nodes
constexpr std::size_t remembered_passwords = 100; // of gateways and of the connection: few
constexpr std::size_t late_answers = 10'000;

bool is_for_operators(chat::v1::Request::VerbCase verb) {
  using R = chat::v1::Request;
  switch (verb) {
  case R::kAddBan:
  case R::kRemoveBan:
  case R::kListBans:
  case R::kAddFilter:
  case R::kRemoveFilter:
  case R::kListFilters:
  case R::kListAudit: return true;
  default: return false;
  }
}

} // namespace

chat::v1::Reply refused(chat::v1::Refusal why, std::string detail) {
  chat::v1::Reply x;
  x.set_refusal(why);
  x.set_detail(std::move(detail));
  return x;
}

std::string mask_of(const chat::v1::Who& who) {
  return who.nick() + "!" + who.user() + "@" + who.host();
}

bool is_one_line(std::string_view text, std::size_t max_size) {
  using namespace std::string_view_literals;
  return text.size() <= max_size && text.find_first_of("\r\n\0"sv) == text.npos;
}

caf::result<network_state::reply> network_state::answer(const question& msg) {
  using R = chat::v1::Request;
  // The gateway knows who may do what; that they are an operator at all is looked at here as well.
  if (is_for_operators(msg.verb_case()) && !msg.who().is_operator())
    return refused(chat::v1::NOT_OPERATOR);
  switch (msg.verb_case()) {
  case R::kAddBan: return add_ban(msg);
  case R::kRemoveBan: return remove_ban(msg);
  case R::kListBans: return list_bans(msg);
  case R::kAddFilter: return add_filter(msg);
  case R::kRemoveFilter: return remove_filter(msg);
  case R::kListFilters: return list_filters();
  case R::kAudit: record(msg.audit().entry(), msg.who()); return reply{};
  case R::kListAudit: return list_audit(msg);
  case R::kCheckOperator: return check_operator(msg);
  case R::kCheckGateway: return check_gateway(msg);
  case R::kCheckConnection: return check_connection(msg);
  case R::kAnnounce: announce(msg); return reply{};
  case R::kReadBooks: return read_books();
  case R::kBanFlooder: ban_flooder(msg); return reply{};
  default: return refused(chat::v1::BAD_REQUEST);
  }
}

void network_state::take(network_books books) {
  bans_.clear();
  filters_.clear();
  for (auto& x : books.bans) {
    ban_key key{x.kind(), x.mask()};
    bans_.insert_or_assign(std::move(key), std::move(x));
  }
  for (auto& x : books.filters) {
    auto id = x.id();
    filters_.insert_or_assign(id, std::move(x));
  }
  publish_bans();
  publish_filters();
}

void network_state::changed() {
  if (parts->news)
    parts->news->books_changed();
}

/// What is said to hold does so on all nodes.
void network_state::give_when_told(promise to, reply what) {
  if (!parts->tell_others) {
    changed();
    return give(std::move(to), std::move(what));
  }
  auto then = [this, to, what = std::move(what)](const result<void_t>& told) mutable {
    if (!told)
      changed(); // for who has not answered
    give(std::move(to), std::move(what));
  };
  parts->tell_others(resume<void_t>(self, limits, telling_timeout, std::move(then)));
}

/// Another node has changed them. What is being read may be older than what it is told of now.
caf::result<network_state::reply> network_state::read_books() {
  ++changes_;
  is_stale_ = true;
  is_told_ = true;
  readers_.push_back(self->make_response_promise<reply>());
  auto answer = readers_.back();
  if (!is_loading_)
    reload();
  return answer;
}

/// After a change of which nobody knows whether it is in the store.
void network_state::reload() {
  is_loading_ = true;
  auto then = [this, before = changes_](result<network_books> x) {
    is_loading_ = false;
    if (x && before != changes_)
      return is_told_ ? reload() : void(); // else with the next beat
    if (x) {
      is_stale_ = false;
      take(std::move(*x));
    }
    open_door(x.has_value());
  };
  // Not into rules: what was read may be older than a change that was made meanwhile.
  auto scratch = std::make_shared<network_rules>();
  load_network(
    parts->store, *scratch, parts->now_ms(),
    [scratch, done = resume<network_books>(self, limits, store_timeout, std::move(then))](
      result<network_books> x) { done(std::move(x)); });
}

void network_state::tick() {
  std::erase_if(late_, [&](late_answer& x) {
    if (x.due > now())
      return false;
    x.to.deliver(std::move(x.what));
    return true;
  });
  drop_expired();
  if (is_stale_ && !is_loading_)
    reload();
  prune_audit();
  self->delayed_send(self, beat, caf::tick_atom_v);
}

/// Who guesses waits, and does not see in the time what was wrong.
void network_state::answer_late(promise to, reply what) {
  if (late_.size() >= late_answers) {
    return give(to, std::move(what));
  }
  late_.push_back({now() + parts->settings->get()->failure_delay, std::move(to), std::move(what)});
}

network_state::clock::time_point network_state::now() const {
  return self->clock().now();
}

chat_actor::behavior_type chat_network(chat_actor::stateful_pointer<network_state> self,
                                       network_parts parts) {
  auto& state = self->state;
  state.self = self;
  auto books = std::move(parts.books);
  state.parts.emplace(std::move(parts));
  state.verified.emplace(remembered_passwords);
  state.take(std::move(books));
  self->delayed_send(self, beat, caf::tick_atom_v);
  return {
    [self](const chat::v1::Request& msg) { return self->state.answer(msg); },
    [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace hamlet
