// SPDX-License-Identifier: Apache-2.0
#include "actors/session/list_job.hpp"
#include "actors/session/session.hpp"
#include "lib/irc/casemap.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace hamlet {

// One that quit while it was joining: the CHANNEL hears so, and forgets it. It says itself that the
// member is gone, to whom it has said that it came; unless it has named the member, as one that was
// there before.
session_state::answered session_state::note_joined(Request& x) {
  auto& channel = x.joined().channel();
  auto* u = find(x.session_id());
  if (!u) {
    Request leave;
    leave.set_session_id(x.session_id());
    leave.set_channel(channel);
    leave.set_now_ms(now_of(x));
    *leave.mutable_who() = x.who();
    leave.mutable_leave();
    caf::anon_send(parts->owners->channel_of(irc::fold(channel)), std::move(leave));
    return refusal(chat::v1::NO_SUCH_SESSION);
  }
  auto at = std::ranges::find_if(u->channels,
                                 [&](const std::string& y) { return irc::same_name(y, channel); });
  if (at != u->channels.end())
    *at = channel;
  else
    u->channels.push_back(channel);
  save_soon(*u);
  return Reply{};
}

void session_state::note_removed(Request& x) {
  auto* u = find(x.session_id());
  if (!u)
    return;
  std::erase_if(u->channels,
                [&](const std::string& y) { return irc::same_name(y, x.removed().channel()); });
  save_soon(*u);
}

// JOIN 0: RFC 2812 §3.2.1.
session_state::answered session_state::leave_all(Request& x, user& u) {
  auto job = std::make_shared<list_job>();
  job->channels.assign(u.channels.rbegin(), u.channels.rend());
  job->request = std::move(x);
  job->promise = self->make_response_promise<Reply>();
  auto result = job->promise;
  leave_next(std::move(job));
  return result;
}

void session_state::leave_next(std::shared_ptr<list_job> job) {
  auto* u = find(job->request.session_id());
  if (!u || job->channels.empty())
    return publish(job->promise, {}, Reply{});
  Request part;
  *part.mutable_origin() = job->request.origin();
  part.set_now_ms(job->request.now_ms());
  part.set_channel(std::move(job->channels.back()));
  job->channels.pop_back();
  part.mutable_part()->set_reason(job->request.leave_all().reason());
  ask_channel(*u, std::move(part), [this, job](const Reply&) { leave_next(job); });
}

} // namespace hamlet
