// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/base/ids.hpp"

#include <caf/send.hpp>

namespace hamlet::admin {

namespace {

void write(const sql::queue_entry& x, v1::QueuedMessage& into) {
  into.set_queue_id(id_text(x.queue_id));
  into.set_accepted_s(x.accepted_at);
  into.set_size_bytes(x.size);
  into.set_sender(x.from);
  for (auto& to : x.to)
    into.add_recipients(to.address);
  if (x.held_at != 0)
    into.set_held_s(x.held_at);
}

} // namespace

void admin_state::list_queue(const v1::ListQueueRequest& x, given<v1::ListQueueResponse> done) {
  auto after = x.page_token().empty() ? std::optional<std::int64_t>{0} : id_of(x.page_token());
  if (!after)
    return done.bad("page_token", "is none of ours");
  auto size = page_size_of(x);
  using rows = std::vector<sql::queue_entry>;
  auto then = [=](const result<rows>& found) {
    if (!found)
      return done.fail(found.error());
    v1::ListQueueResponse reply;
    for (auto& one : std::span{*found}.first(std::min(size, found->size())))
      write(one, *reply.add_messages());
    if (found->size() > size)
      reply.set_next_page_token(id_text((*found)[size - 1].queue_id));
    done(reply);
  };
  parts->queue.list(x.only_remote(), *after, size + 1, back<rows>(std::move(then)));
}

template <class Reply, class Then>
void admin_state::with_queued(const std::string& text, given<Reply> done, Then then) {
  auto id = id_of(text);
  if (!id)
    return done.bad("queue_id", "has 13 letters and digits");
  auto found = [=](const result<sql::queue_details>& row) {
    if (row)
      return then(*row);
    if (row.error().code == errc::not_found)
      return done.no(status::not_found, "there is no message " + text + " in the queue");
    done.fail(row.error());
  };
  parts->queue.find(*id, back<sql::queue_details>(std::move(found)));
}

void admin_state::get_queued(const v1::GetQueuedRequest& x, given<v1::QueuedMessage> done) {
  with_queued(x.queue_id(), done, [done](const sql::queue_details& row) {
    v1::QueuedMessage reply;
    write(row.entry, reply);
    reply.set_trace(row.trace);
    done(reply);
  });
}

void admin_state::retry_queue(const v1::RetryQueueRequest& x, given<v1::RetryQueueResponse> done) {
  if (!x.validate_only())
    caf::anon_send(parts->owners->queue(), mail::v1::Wake{});
  done({});
}

void admin_state::drop_queued(const v1::DropQueuedRequest& x, given<v1::QueuedMessage> done) {
  with_queued(x.queue_id(), done, [=, this](const sql::queue_details& row) {
    v1::QueuedMessage reply;
    write(row.entry, reply);
    if (x.validate_only())
      return done(reply);
    auto then = [=](const result<void_t>& gone) {
      if (gone)
        return done(reply);
      if (gone.error().code == errc::not_found)
        return done.no(status::not_found, "it has just arrived");
      done.fail(gone.error());
    };
    parts->queue.drop(row.entry.queue_id, back<void_t>(std::move(then)));
  });
}

/// Answers with a message that was changed, after `then`.
admin_state::from_store<sql::queue_details> admin_state::shown(given<v1::QueuedMessage> done,
                                                               std::function<void()> then) {
  return back<sql::queue_details>([=](const result<sql::queue_details>& now) {
    if (!now && now.error().code == errc::not_found)
      return done.no(status::not_found, "it has just arrived");
    if (!now)
      return done.fail(now.error());
    then();
    v1::QueuedMessage reply;
    write(now->entry, reply);
    done(reply);
  });
}

void admin_state::hold_queued(const v1::HoldQueuedRequest& x, given<v1::QueuedMessage> done) {
  with_queued(x.queue_id(), done, [=, this](const sql::queue_details& row) {
    auto now = parts->now_ms() / 1000;
    if (!x.validate_only())
      return parts->queue.hold(row.entry.queue_id, now, shown(done, [] {}));
    v1::QueuedMessage reply;
    write(row.entry, reply);
    if (!reply.has_held_s())
      reply.set_held_s(now);
    done(reply);
  });
}

void admin_state::release_queued(const v1::ReleaseQueuedRequest& x, given<v1::QueuedMessage> done) {
  with_queued(x.queue_id(), done, [=, this](const sql::queue_details& row) {
    auto wake = [this] { caf::anon_send(parts->owners->queue(), mail::v1::Wake{}); };
    if (!x.validate_only())
      return parts->queue.release(row.entry.queue_id, shown(done, wake));
    v1::QueuedMessage reply;
    write(row.entry, reply);
    reply.clear_held_s();
    done(reply);
  });
}

} // namespace hamlet::admin
