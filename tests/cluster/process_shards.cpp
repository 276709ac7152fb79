// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/world.hpp"

#include <utility>

namespace hamlet::simulation {

void process::ask(const command& what, hears heard) {
  if (own_.me() == 0)
    return heard({reply::kind::later});
  command_id id{number_, ++counter_};
  asked_[id] = {what, std::move(heard)};
  pending::todo next;
  if (!pending_.add(id, what.where, 100, now(), next))
    next.given_up.push_back(id);
  if (pending_.size() > 64 * 16)
    w_.fault("I11: a gateway keeps more than its bound");
  act(std::move(next));
}

/// The answer of an owner to a command of this gateway.
void process::receive(const command_id& id, const answer& what, const reply& said,
                      const line& event) {
  auto at = asked_.find(id);
  if (at == asked_.end())
    return;
  auto said_so = what;
  if (what.kind == answer_kind::done && at->second.what.what == verb::say) {
    // It was said when this node's members have heard it, not before.
    const auto& r = replicas_[at->second.what.where];
    bool is_old = r.log.empty() || event.seq < r.log.front().seq; // from before this node came in
    bool is_heard =
      r.is_in && event.seq <= r.top
      && (is_old || r.log[static_cast<std::size_t>(event.seq - r.log.front().seq)] == event);
    if (!is_heard)
      said_so.kind = answer_kind::busy;
  }
  pending::todo next;
  if (!pending_.answered(id, said_so, now(), next))
    return;
  if (said_so.kind == answer_kind::done) {
    auto done = asked_.extract(at);
    done.mapped().heard(said);
  }
  act(std::move(next));
}

void process::give(int to, const command_id& id, answer what, reply said, line event) {
  w_.send(machine_, to, [id, what, said, event](process& p) { p.receive(id, what, said, event); });
}

/// A command for a shard of this node, or so the sender thinks.
void process::receive(int from, const command_id& id, const reign& to, const command& what) {
  auto box = mailboxes_.find(to.shard);
  auto room = channels_.find(to.shard);
  auto epoch = box != mailboxes_.end()   ? box->second.epoch
               : room != channels_.end() ? room->second.epoch
                                         : 0;
  if (epoch == 0 || epoch != to.epoch) {
    if (to.epoch > epoch) // the sender has seen more than this node: soon
      step(event::hinted{own_.seen()->version + 1});
    auto moved = moved_.find(to.shard);
    if (moved != moved_.end() && moved->second.epoch > to.epoch && moved_to_[to.shard] != 0)
      return give(from, id, {answer_kind::moved, moved_to_[to.shard], moved->second.epoch});
    return give(from, id, {answer_kind::wrong_owner, 0, epoch});
  }
  if (box != mailboxes_.end())
    return serve(from, id, box->second, to, what);
  serve(from, id, room->second, to, what);
}

void process::on(const effect::open_shard& x) {
  w_.trace(machine_, "#%ld opens %d/%d epoch %ld", long(own_.me()), int(x.of.shard.kind),
           x.of.shard.number, long(x.of.epoch));
  w_.opened(x.of, own_.me());
  if (x.of.shard.kind == shard_kind::mailbox) {
    mailboxes_[x.of.shard] = {x.of.epoch};
    load(x.of);
  } else {
    channels_[x.of.shard] = {x.of.epoch};
    collect(x.of);
  }
}

void process::on(const effect::seal_shard& x) {
  if (auto at = mailboxes_.find(x.of.shard); at != mailboxes_.end()) {
    at->second.at = mailbox::phase::sealed;
    write_ended(x.of);
  } else if (auto room = channels_.find(x.of.shard); room != channels_.end()) {
    room->second.at = channel::phase::sealed;
    w_.later(machine_, number_, instant{0}, [x](process& p) { p.step(event::finished{x.of}); });
  }
}

void process::on(const effect::end_shard& x) {
  w_.trace(machine_, "ends %d/%d epoch %ld", int(x.of.shard.kind), x.of.shard.number,
           long(x.of.epoch));
  mailboxes_.erase(x.of.shard);
  channels_.erase(x.of.shard);
  moved_[x.of.shard] = {x.of.shard, x.epoch};
  moved_to_[x.of.shard] = x.to;
}

bool process::is_open(const reign& x) const {
  if (auto at = mailboxes_.find(x.shard); at != mailboxes_.end())
    return at->second.epoch == x.epoch && at->second.at == mailbox::phase::open;
  auto at = channels_.find(x.shard);
  return at != channels_.end() && at->second.epoch == x.epoch
         && at->second.at == channel::phase::open;
}

void process::load(const reign& of) {
  store([&w = w_, of] { return w.store().load(of.shard); },
        [of](process& p, const store_model::written& x) {
          auto at = p.mailboxes_.find(of.shard);
          if (at == p.mailboxes_.end() || at->second.epoch != of.epoch
              || at->second.at != mailbox::phase::loading)
            return;
          at->second.last_uid = x.uid;
          at->second.inserted = std::max(at->second.inserted, x.inserted);
          at->second.at = mailbox::phase::open;
        });
  w_.later(machine_, number_, instant{3'000}, [of](process& p) {
    auto at = p.mailboxes_.find(of.shard);
    if (at != p.mailboxes_.end() && at->second.epoch == of.epoch
        && at->second.at == mailbox::phase::loading)
      p.load(of);
  });
}

void process::write_ended(const reign& of) {
  const auto& box = mailboxes_.at(of.shard);
  if (box.at == mailbox::phase::sealed && box.writing == 0)
    w_.later(machine_, number_, instant{0}, [of](process& p) { p.step(event::finished{of}); });
}

void process::serve(int from, const command_id& id, mailbox& box, const reign& of,
                    const command& what) {
  if (box.at != mailbox::phase::open)
    return give(from, id, {answer_kind::busy});
  if (what.what == verb::count) { // from memory: only while nobody can have taken over
    if (!own_.may_read(now()))
      return give(from, id, {answer_kind::busy});
    return give(from, id, {answer_kind::done}, {reply::kind::yes, box.inserted});
  }
  ++box.writing;
  auto uid = ++box.last_uid;
  auto open = std::make_shared<bool>(true);
  auto ended = [of, open, from, id](process& p, const store_model::written* x) {
    if (!std::exchange(*open, false))
      return;
    auto at = p.mailboxes_.find(of.shard);
    bool is_mine = at != p.mailboxes_.end() && at->second.epoch == of.epoch;
    if (is_mine)
      --at->second.writing;
    if (!x) { // nobody knows: what is in memory may be behind
      if (is_mine && at->second.at == mailbox::phase::open) {
        at->second.at = mailbox::phase::loading;
        p.load(of);
      }
      p.give(from, id, {answer_kind::busy});
    } else if (x->is_fenced) {
      p.give(from, id, {answer_kind::wrong_owner, 0, of.epoch});
      p.step(event::hinted{p.own_.seen()->version + 1});
    } else {
      if (is_mine)
        at->second.inserted = std::max(at->second.inserted, x->inserted);
      p.give(from, id, {answer_kind::done}, {reply::kind::yes, x->uid});
    }
    if (is_mine)
      p.write_ended(of);
  };
  store(
    [&w = w_, f = fence{of, own_.me()}, what, uid] {
      return what.what == verb::deliver ? w.store().deliver(f, what.of, uid) : w.store().purge(f);
    },
    [ended](process& p, const store_model::written& x) { ended(p, &x); });
  w_.later(machine_, number_, instant{2'000}, [ended](process& p) { ended(p, nullptr); });
}

// Channels: soft state that a new owner collects from the gateways.

/// Asks all living nodes what they have; each promises to take nothing of an older epoch.
void process::collect(const reign& of) {
  auto& x = channels_.at(of.shard);
  bool all = true;
  for (const auto& n : own_.seen()->nodes) {
    if (!n.alive() || x.answers.contains(n.born))
      continue;
    all = false;
    w_.send(machine_, w_.machine_of(n.born), [from = machine_, of, born = n.born](process& p) {
      if (p.own_.me() == born)
        p.promise(from, of);
    });
  }
  if (!all)
    return;
  x.at = channel::phase::open;
  w_.trace(machine_, "channel %d epoch %ld is open at seq %ld", of.shard.number, long(of.epoch),
           long(x.top));
}

void process::promise(int from, const reign& of) {
  auto& r = replicas_[of.shard];
  if (of.epoch < r.promised)
    return;
  r.promised = of.epoch;
  w_.send(machine_, from, [me = own_.me(), of, r](process& p) { p.promised(me, of, r); });
}

/// Also a member that has heard nothing yet knows how far the channel is: from there it goes on.
void process::promised(incarnation who, const reign& of, const replica& has) {
  auto at = channels_.find(of.shard);
  if (at == channels_.end() || at->second.epoch != of.epoch
      || at->second.at != channel::phase::collecting || at->second.answers.contains(who))
    return;
  at->second.answers[who] = true;
  at->second.top = std::max(at->second.top, has.top);
  for (const auto& x : has.log)
    take(x, at->second);
  collect(of);
}

void process::take(const line& x, channel& into) {
  auto [at, is_new] = into.history.emplace(x.seq, x);
  if (!is_new && at->second != x)
    w_.fault("I9: two nodes have heard different things at one place of a channel");
  into.top = std::max(into.top, x.seq);
  into.known[x.of] = x.seq;
  into.highest[x.of.client] = std::max(into.highest[x.of.client], x.of.number);
}

void process::serve(int from, const command_id& id, channel& x, const reign& of,
                    const command& what) {
  if (x.at != channel::phase::open)
    return give(from, id, {answer_kind::busy});
  if (auto at = x.known.find(what.of); at != x.known.end()) {
    const auto& old = x.history.at(at->second);
    spread(of, {old});
    return give(from, id, {answer_kind::done}, {reply::kind::yes, old.seq}, old);
  }
  if (what.of.number <= x.highest[what.of.client]) // a copy that comes after its successor
    return give(from, id, {answer_kind::busy});
  line next{of.epoch, x.top + 1, what.of};
  take(next, x);
  spread(of, {next});
  give(from, id, {answer_kind::done}, {reply::kind::yes, next.seq}, next);
}

void process::spread(const reign& of, const std::vector<line>& lines) {
  for (const auto& n : own_.seen()->nodes)
    if (n.alive())
      w_.send(machine_, w_.machine_of(n.born),
              [of, lines](process& p) { p.hear(of.shard, of.epoch, lines, {}); });
}

void process::hear(const shard_id& where, std::int64_t epoch, const std::vector<line>& lines,
                   std::optional<std::int64_t> after) {
  const auto* seen = own_.seen()->find(where);
  auto& r = replicas_[where];
  // A node that has not yet seen itself in a view may believe in an owner of old.
  if (!own_.seen()->alive(own_.me()) || epoch < r.promised || (seen && epoch < seen->epoch))
    return;
  r.promised = epoch;
  if (after == -1) { // where to come in
    if (!std::exchange(r.is_in, true))
      r.top = lines.front().seq;
    return;
  }
  if (r.is_in && after == r.top && !lines.empty()
      && lines.front().seq > r.top + 1) { // what lay between died with its owner
    w_.lost_line();
    r.log.clear();
    r.top = lines.front().seq - 1;
  }
  if (!r.is_in)
    return;
  for (const auto& x : lines) {
    if (x.seq == r.top + 1) {
      r.log.push_back(x);
      r.top = x.seq;
    } else if (!r.log.empty() && x.seq <= r.top && x.seq >= r.log.front().seq
               && r.log[static_cast<std::size_t>(x.seq - r.log.front().seq)] != x) {
      w_.fault("I9: a member hears two things at one place of a channel");
    } // a later one is a hole: `sync` fills it
  }
}

void process::sync(int from, const reign& of, std::int64_t last, bool is_in) {
  auto at = channels_.find(of.shard);
  if (at == channels_.end() || at->second.epoch != of.epoch
      || at->second.at != channel::phase::open)
    return;
  const auto& history = at->second.history;
  std::vector<line> lines;
  if (!is_in)
    lines.push_back({of.epoch, at->second.top, {}});
  for (auto next = is_in ? history.upper_bound(last) : history.end(); next != history.end(); ++next)
    lines.push_back(next->second);
  if (is_in && lines.empty())
    return;
  w_.send(machine_, from, [of, lines, after = is_in ? last : -1](process& p) {
    p.hear(of.shard, of.epoch, lines, after);
  });
}

} // namespace hamlet::simulation
