// SPDX-License-Identifier: Apache-2.0
#include "gateway/link/session.hpp"

#include "lib/base/mutation.hpp"

#include <algorithm>

namespace hamlet::link {

namespace {

// Answers up to this size are sent whatever waits: with the window they have a bound of their own.
constexpr std::size_t small_answer = 1024;
constexpr std::size_t max_detail = 512;
constexpr std::size_t max_probes = 64;
constexpr std::int64_t max_deadline = 3'600'000; // milliseconds
constexpr std::int64_t max_window = 1 << 20;
constexpr std::int64_t max_window_octets = std::int64_t{1} << 32;

delivery delivery_of(cluster::v1::Outcome x) {
  switch (x) {
  case cluster::v1::OK: return delivery::ok;
  case cluster::v1::WRONG_OWNER: return delivery::wrong_owner;
  case cluster::v1::MOVED: return delivery::moved;
  case cluster::v1::BUSY: return delivery::busy;
  default: return delivery::failed;
  }
}

cluster::v1::Outcome wire_of(delivery x) {
  switch (x) {
  case delivery::ok: return cluster::v1::OK;
  case delivery::wrong_owner: return cluster::v1::WRONG_OWNER;
  case delivery::moved: return cluster::v1::MOVED;
  case delivery::busy: return cluster::v1::BUSY;
  case delivery::failed:
  case delivery::unreachable:
  case delivery::lost: break;
  }
  return cluster::v1::FAILED;
}

errc code_of(std::uint32_t x) {
  auto code = static_cast<errc>(x);
  return x > 0 && x < 256 && to_string(code) != "unknown" ? code : errc::bad_message;
}

/// What nobody knows, at the end of a message that is written already and in one that is not.
constexpr std::string_view unknown_field = "\xb8\x3e\x01"; // number 999, a varint
template <class Message>
void put_unknown(Message& into) {
  into.GetReflection()->MutableUnknownFields(&into)->AddVarint(999, 1);
}

void put_unknown_everywhere(Frame& into) {
  put_unknown(into);
  if (into.has_hello())
    put_unknown(*into.mutable_hello());
  for (auto& x : *into.mutable_envelope()) {
    put_unknown(x);
    x.mutable_payload()->append(unknown_field);
  }
  for (auto& x : *into.mutable_answer()) {
    put_unknown(x);
    if (x.outcome() == cluster::v1::OK)
      x.mutable_payload()->append(unknown_field);
  }
}

} // namespace

Refused refusal(Refused::Reason why, std::string detail) {
  Refused x;
  x.set_reason(why);
  x.set_detail(std::move(detail));
  return x;
}

session::session(Hello ours, const rules& limits, bool dials, judge welcome, instant now)
    : limits_{limits}, ours_{std::move(ours)}, welcome_{std::move(welcome)}, dials_{dials},
      greeting_due_{dials}, heard_{now}, probed_{now} {
  ours_.set_wire_min(limits.versions_from);
  ours_.set_wire_max(limits.versions_to);
  ours_.mutable_window()->set_envelopes(limits.window);
  ours_.mutable_window()->set_octets(limits.window_octets);
}

// -- what comes -----------------------------------------------------------------

std::optional<Refused> session::check(const Hello& x) const {
  if (x.wire_min() > x.wire_max() || x.wire_min() > ours_.wire_max()
      || x.wire_max() < ours_.wire_min())
    return refusal(Refused::WIRE_VERSION, "we speak " + std::to_string(ours_.wire_min()) + " to "
                                            + std::to_string(ours_.wire_max()));
  if (x.cluster() != ours_.cluster())
    return refusal(Refused::CLUSTER, "this is the cluster " + ours_.cluster());
  if (x.window().envelopes() < 1 || x.window().octets() < 1)
    return refusal(Refused::PROTOCOL, "a window of nothing");
  if (x.is_probe()) {
    auto found = refusal(Refused::PROBED, "it was only looked for");
    found.set_incarnation(ours_.incarnation());
    return found;
  }
  return welcome_(x);
}

void session::greet(Hello& x, news& out) {
  if (auto why = check(x)) {
    out.ends = std::move(why);
    return;
  }
  wire_ = std::min(x.wire_max(), ours_.wire_max());
  room_ = std::min(static_cast<std::int64_t>(x.window().envelopes()), max_window);
  room_octets_ = std::min(static_cast<std::int64_t>(x.window().octets()), max_window_octets);
  greeting_due_ = !dials_;
  peer_ = std::move(x);
  out.up = peer_;
}

void session::take(cluster::v1::Envelope& x, news& out) {
  auto size = x.payload().size();
  if (x.sequence() != received_ + 1 || in_hand_.size() + answers_.size() >= limits_.window
      || in_hand_octets_ >= limits_.window_octets || size > limits_.max_payload) {
    out.ends = refusal(Refused::PROTOCOL, "an envelope that there was no room for");
    return;
  }
  received_ = x.sequence();
  in_hand_octets_ += size;
  in_hand_.emplace(x.sequence(), arrived{size, x.is_note()});
  out.commands.push_back({x.sequence(),
                          {x.kind(),
                           x.number(),
                           x.epoch(),
                           {x.id().incarnation(), x.id().counter()},
                           std::chrono::milliseconds{x.deadline_ms()},
                           x.type(),
                           std::move(*x.mutable_payload()),
                           x.is_note(),
                           x.client()}});
}

void session::take(cluster::v1::Answer& x, news& out) {
  auto found = asked_.find(x.sequence());
  if (found == asked_.end())
    return; // nobody waits for it any more
  out.replies.push_back(
    {std::move(found->second.done),
     {delivery_of(x.outcome()), x.epoch(), x.owner_incarnation(), std::move(*x.mutable_payload()),
      x.outcome() == cluster::v1::FAILED ? code_of(x.error()) : errc::none,
      std::move(*x.mutable_detail())}});
  asked_.erase(found);
}

news session::on_frame(Frame& x, instant now) {
  news out;
  heard_ = now;
  if (x.has_refused()) {
    out.refused = std::move(*x.mutable_refused());
    return out;
  }
  if (x.has_hello() == peer_.has_value()) {
    out.ends = refusal(Refused::PROTOCOL, peer_ ? "a second Hello" : "no Hello");
    return out;
  }
  if (x.has_hello())
    greet(*x.mutable_hello(), out);
  for (auto& answer : *x.mutable_answer())
    if (!out.ends)
      take(answer, out);
  for (auto& envelope : *x.mutable_envelope())
    if (!out.ends)
      take(envelope, out);
  if (x.has_credit()) {
    auto most = [](std::int64_t have, std::uint64_t more, std::int64_t limit) {
      return more > static_cast<std::uint64_t>(limit)
               ? limit
               : std::min(have + static_cast<std::int64_t>(more), limit);
    };
    room_ = most(room_, x.credit().envelopes(), max_window);
    room_octets_ = most(room_octets_, x.credit().octets(), max_window_octets);
  }
  if (x.has_ping())
    pong_ = x.ping().number();
  if (x.has_view_hint())
    out.view_hint = x.view_hint().version();
  for (auto& probe : *x.mutable_probe())
    if (out.probes.size() < max_probes)
      out.probes.push_back(std::move(probe));
  if (x.has_revocations())
    out.revocations = std::move(*x.mutable_revocations()->mutable_list());
  return out;
}

// -- what goes ------------------------------------------------------------------

bool session::submit(command& x, on_reply& done, instant now) {
  auto size = x.payload.size();
  if (!peer_ || size > limits_.max_payload || queue_.size() >= limits_.queue
      || queued_octets_ + size > limits_.queue_octets)
    return false;
  queued_octets_ += size;
  auto until = now + x.left;
  auto waits = x.is_note ? on_reply{} : std::move(done);
  queue_.push_back({std::move(x), std::move(waits), until});
  return true;
}

void session::answer(std::uint64_t sequence, reply x) {
  auto found = in_hand_.find(sequence);
  if (found == in_hand_.end())
    return;
  auto was = found->second;
  in_hand_octets_ -= was.octets;
  in_hand_.erase(found);
  if (was.is_note)
    return give_back(was.octets);
  if (x.payload.size() > limits_.max_payload
      || (x.payload.size() > small_answer
          && answer_octets_ + x.payload.size() > limits_.answer_octets))
    x = {delivery::failed, 0, 0, {}, errc::busy, "the answer is too large for the link now"};
  cluster::v1::Answer out;
  out.set_sequence(sequence);
  out.set_outcome(wire_of(x.what));
  out.set_epoch(x.epoch);
  out.set_owner_incarnation(x.owner);
  out.set_error(static_cast<std::uint32_t>(x.code));
  x.detail.resize(std::min(x.detail.size(), max_detail));
  out.set_detail(std::move(x.detail));
  answer_octets_ += x.payload.size();
  out.set_payload(std::move(x.payload));
  answers_.push_back({std::move(out), was.octets});
}

void session::give_back(std::size_t octets) {
  credit_.set_envelopes(credit_.envelopes() + 1);
  credit_.set_octets(credit_.octets() + octets);
}

void session::tell_probe(std::int64_t peer, cluster::v1::Probe::Found found) {
  if (probes_.size() >= max_probes)
    return; // it is asked again in a second
  auto& x = probes_.emplace_back();
  x.set_peer(peer);
  x.set_found(found);
}

bool session::may_send() const {
  return !queue_.empty() && room_ > 0 && room_octets_ > 0;
}

bool session::has_frame() const {
  if (greeting_due_)
    return true;
  return peer_
         && (may_send() || !answers_.empty() || credit_.envelopes() > 0 || probe_due_ || pong_
             || hint_ || revocations_ || !probes_.empty());
}

void session::put_answers(Frame& into, std::size_t& octets) {
  while (!answers_.empty() && octets < limits_.frame_octets) {
    auto& [next, asked_octets] = answers_.front();
    octets += next.payload().size() + 32;
    answer_octets_ -= next.payload().size();
    give_back(asked_octets);
    *into.add_answer() = std::move(next);
    answers_.pop_front();
  }
}

void session::put_commands(Frame& into, std::size_t& octets, instant now) {
  while (may_send() && octets < limits_.frame_octets) {
    auto& next = queue_.front();
    auto size = next.what.payload.size();
    auto& x = *into.add_envelope();
    x.set_kind(next.what.kind);
    x.set_number(next.what.number);
    x.set_epoch(next.what.epoch);
    x.mutable_id()->set_incarnation(next.what.id.origin);
    x.mutable_id()->set_counter(next.what.id.counter);
    auto left = std::clamp<std::int64_t>((next.until - now).count(), 0, max_deadline);
    x.set_deadline_ms(static_cast<std::uint32_t>(left));
    x.set_type(next.what.type);
    x.set_payload(std::move(next.what.payload));
    x.set_is_note(next.what.is_note);
    x.set_client(next.what.client);
    x.set_sequence(++sent_);
    if (!next.what.is_note)
      asked_.emplace(sent_, asked_command{std::move(next.done), next.until});
    --room_;
    room_octets_ -= static_cast<std::int64_t>(size);
    queued_octets_ -= size;
    octets += size + 48;
    queue_.pop_front();
  }
}

// Answers and credit go before commands: they make room at the peer.
Frame session::next_frame(instant now) {
  Frame out;
  if (greeting_due_) { // alone, or with what may go at once
    *out.mutable_hello() = ours_;
    greeting_due_ = false;
    if constexpr (mutation::next_release)
      put_unknown_everywhere(out);
    if (!peer_)
      return out;
  }
  std::size_t octets = 0;
  put_answers(out, octets);
  put_commands(out, octets, now);
  if (credit_.envelopes() > 0) {
    *out.mutable_credit() = credit_;
    credit_.Clear();
  }
  if (std::exchange(probe_due_, false))
    out.mutable_ping()->set_number(++probe_);
  if (auto number = std::exchange(pong_, std::nullopt))
    out.mutable_pong()->set_number(*number);
  if (auto version = std::exchange(hint_, std::nullopt))
    out.mutable_view_hint()->set_version(*version);
  for (auto& x : std::exchange(probes_, {}))
    *out.add_probe() = std::move(x);
  if (auto list = std::exchange(revocations_, std::nullopt))
    out.mutable_revocations()->set_list(std::move(*list));
  if constexpr (mutation::next_release) // MUTATION: each message has a field of later
    put_unknown_everywhere(out);
  return out;
}

// -- time -----------------------------------------------------------------------

news session::tick(instant now) {
  news out;
  if (now - heard_ >= limits_.patience) {
    out.ends = refusal(Refused::UNKNOWN, "nothing was heard of it");
    return out;
  }
  if (now - probed_ >= limits_.probe && peer_) {
    probed_ = now;
    probe_due_ = true;
  }
  for (auto i = asked_.begin(); i != asked_.end();) {
    if (i->second.until > now) {
      ++i;
      continue;
    }
    out.replies.push_back({std::move(i->second.done), {delivery::lost, 0, 0, {}, errc::none, {}}});
    i = asked_.erase(i);
  }
  std::erase_if(queue_, [&](waiting_command& x) {
    if (x.until > now || x.what.is_note)
      return false;
    queued_octets_ -= x.what.payload.size();
    out.replies.push_back({std::move(x.done), {delivery::busy, 0, 0, {}, errc::none, {}}});
    return true;
  });
  return out;
}

std::vector<news::settled> session::end() {
  std::vector<news::settled> all;
  for (auto& [sequence, x] : asked_)
    all.push_back({std::move(x.done), {delivery::lost, 0, 0, {}, errc::none, {}}});
  for (auto& x : queue_)
    if (!x.what.is_note)
      all.push_back({std::move(x.done), {delivery::unreachable, 0, 0, {}, errc::none, {}}});
  asked_.clear();
  queue_.clear();
  in_hand_.clear();
  answers_.clear();
  queued_octets_ = in_hand_octets_ = answer_octets_ = 0;
  peer_.reset();
  greeting_due_ = false;
  return all;
}

} // namespace hamlet::link
