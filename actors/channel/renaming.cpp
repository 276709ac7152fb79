// SPDX-License-Identifier: Apache-2.0
#include "actors/channel/channel_shard.hpp"
#include "actors/resume.hpp"
#include "lib/irc/casemap.hpp"

// draft/channel-rename. The new name may be another shard's: this one hands all over that there is
// to know, and keeps it until the other has said yes. The event is the other's, so that nothing
// that happens under the new name comes before it.

using namespace std::chrono_literals;

namespace hamlet {

using namespace chat::v1;

namespace {

constexpr auto store_timeout = 25s;
constexpr auto shard_timeout = 60s;
constexpr std::int64_t redirects_for_ms = 3'600'000;
constexpr std::size_t most_redirections = 1000; ///< of a shard

} // namespace

void channel_shard_state::rename(const std::string& folded, room& r, asked a) {
  auto rules = parts->rules->get();
  auto x = turn_of(a, *rules);
  auto& fresh = a.what.rename().new_name();
  if (!r.open->may_rename(x))
    return answer(a, x);
  auto to = irc::fold(fresh);
  auto is_reserved = parts->is_forbidden && parts->is_forbidden(to);
  if (!irc::is_valid_channel(fresh, rules->channel_length, rules->utf8_names) || is_reserved
      || fresh == r.open->name()) {
    x.refuse(CANNOT_RENAME);
    return answer(a, x);
  }
  r.is_busy = true;
  Request handover;
  handover.set_session_id(a.what.session_id());
  *handover.mutable_who() = a.what.who();
  *handover.mutable_origin() = a.what.origin();
  handover.set_channel(fresh);
  handover.set_now_ms(a.what.now_ms());
  *handover.mutable_adopt()->mutable_state() = r.open->state();
  handover.mutable_adopt()->set_reason(a.what.rename().reason());
  if (to == folded) { // only its case is another
    r.open.reset();
    return adopt(folded, r, asked{std::move(handover), a.to});
  }
  request<Reply>(
    self, limits, shard_timeout, parts->owners().channel_of(to), std::move(handover),
    [this, folded, a](const Reply& reply) mutable { handed_over(folded, std::move(a), reply); },
    [this, folded, a](const caf::error&) mutable {
      Reply failed;
      failed.set_refusal(FAILED);
      handed_over(folded, std::move(a), failed);
    });
}

void channel_shard_state::handed_over(const std::string& folded, asked a, const Reply& reply) {
  auto& r = rooms.at(folded);
  r.is_busy = false;
  if (reply.refusal() == NONE) {
    auto& old = *r.open;
    for (auto& [session, m] : old.members()) {
      tell_member_gone(old, session);
      Request note;
      note.set_session_id(session);
      note.mutable_removed()->set_channel(old.name());
      caf::anon_send(parts->owners().session_of(session), std::move(note));
    }
    tell_end(r, old);
    r.open.reset();
    auto& fresh = a.what.rename().new_name();
    redirect(folded, fresh, a.what.now_ms());
    for (auto& late : std::exchange(r.waiting, {})) { // they meant this channel
      late.what.set_channel(fresh);
      auto& owner = parts->owners().channel_of(irc::fold(fresh));
      if (late.to.pending())
        late.to.delegate(owner, std::move(late.what));
      else
        caf::anon_send(owner, std::move(late.what));
    }
  }
  if (a.to.pending())
    a.to.deliver(reply);
  settle(folded);
}

/// The answer of a channel with this name, if there is one, is no.
void channel_shard_state::adopt(const std::string& folded, room& r, asked a) {
  r.is_busy = true;
  auto then = [this, folded, a](result<bool> is_free) mutable {
    auto& now = rooms.at(folded);
    now.is_busy = false;
    auto rules = parts->rules->get();
    auto x = turn_of(a, *rules);
    auto& state = a.what.adopt().state();
    if (!is_free || !*is_free) {
      if (irc::fold(state.name()) == folded)
        now.open.emplace(channel::from_state(state, state.name())); // stays what it was
      x.refuse(is_free ? NAME_IN_USE : FAILED);
      answer(a, x);
      return settle(folded);
    }
    now.open.emplace(channel::from_state(state, a.what.channel()));
    now.kept = 1; // its history goes when it ends
    if (now.open->is_registered())
      unregistered.erase(folded);
    x.reply.set_channel(now.open->name());
    now.open->announce_rename(x, state.name(), a.what.adopt().reason());
    finish(now, a, x);
    settle(folded);
  };
  auto done = resume<bool>(self, limits, store_timeout, std::move(then));
  auto& state = a.what.adopt().state();
  if (folded.starts_with('&'))
    done(true);
  else if (state.channel_id() != 0)
    parts->channels.rename(state.channel_id(), a.what.channel(), folded,
                           [done](const result<void_t>& x) {
                             if (!x && x.error().code != errc::already_exists)
                               return done(tl::unexpected{x.error()});
                             done(x.has_value());
                           });
  else if (irc::fold(state.name()) == folded)
    done(true);
  else
    parts->channels.find(folded, [done](const result<sql::channel_record>& x) {
      if (!x && x.error().code != errc::not_found)
        return done(tl::unexpected{x.error()});
      done(!x.has_value());
    });
}

/// draft/channel-rename, Channel redirection: for those who were not there.
void channel_shard_state::redirect(const std::string& folded, const std::string& to,
                                   std::int64_t now_ms) {
  std::erase_if(renamed, [&](auto& x) { return x.second.until_ms <= now_ms; });
  if (renamed.size() < most_redirections)
    renamed.insert_or_assign(folded, redirection{to, now_ms + redirects_for_ms});
}

/// None where the channel has ended since, or is one that is not told of to strangers.
std::optional<std::string> channel_shard_state::new_name_of(const std::string& folded,
                                                            std::int64_t now_ms) const {
  auto found = renamed.find(folded);
  if (found == renamed.end() || found->second.until_ms <= now_ms)
    return std::nullopt;
  auto card = parts->people->find_channel(found->second.to);
  if (!card || card->is_secret || card->is_private)
    return std::nullopt;
  return card->name;
}

} // namespace hamlet
