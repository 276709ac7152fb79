// SPDX-License-Identifier: Apache-2.0
#include "actors/chat/reach.hpp"
#include "gateway/smtp/connection.hpp"
#include "lib/log/log.hpp"
#include "lib/mail/readable.hpp"
#include "lib/metrics/metrics.hpp"

#include <algorithm>
#include <chrono>

using namespace std::chrono_literals;

// SEND, SOML and SAML, RFC 821 §3.4: the terminal of our time is chat.

namespace hamlet::smtp {

namespace {

constexpr auto answer_timeout = 10s;
constexpr mail::readable_bounds shown_of_a_message{.lines = 12, .octets = 380};

metrics::counter shown_messages{"hamlet_smtp_shown_total", "Messages shown in chat (SEND …)."};

/// As lines of a notice: who writes, what about, and how it begins. Of the writer the address that
/// is the reverse-path is all that anybody sees.
std::string notice_text(const accept& x, const std::string& begin) {
  auto message = mail::read_plain(begin, shown_of_a_message);
  auto out = "Message from <" + x.env.from.text() + ">";
  out += message.subject.empty() ? ":" : ": " + message.subject;
  for (auto& line : message.lines)
    out += "\n" + line;
  if (message.is_cut)
    out += "\n…";
  return out;
}

/// As the lists of who is asked know them: the account, not where it is.
chat::v1::Who author_of(const accept& x) {
  chat::v1::Who who;
  who.set_nick(x.env.who->chat_name);
  who.set_user(x.env.who->chat_name);
  who.set_host(x.env.from.domain);
  who.set_account(x.env.who->chat_name);
  who.set_account_id(x.env.who->account_id);
  return who;
}

} // namespace

/// Who is told of one message.
struct connection_state::showing {
  accept what;
  std::size_t open = 1; ///< answers that are still to come; one is our own
  std::vector<std::int64_t> reached = {};
};

bool connection_state::is_anybody_there(const account::v1::Resolved& found) const {
  return parts->people && std::ranges::any_of(found.account_ids(), [&](std::int64_t id) {
           return find_reachable(*parts->people, id) != nullptr;
         });
}

std::vector<std::int64_t> connection_state::accounts_of_transaction() const {
  std::vector<std::int64_t> all;
  for (auto& x : resolved)
    all.insert(all.end(), x.account_ids().begin(), x.account_ids().end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void connection_state::show(accept& x) {
  auto job = std::make_shared<showing>(showing{std::move(x)});
  auto words = notice_text(job->what, begin_of_text);
  begin_of_text = {};
  auto author = author_of(job->what);
  for (auto account : parts->people ? accounts_of_transaction() : std::vector<std::int64_t>{})
    if (auto to = find_reachable(*parts->people, account)) {
      auto notice = notice_to(*to, parts->chat_server, words);
      *notice.mutable_who() = author;
      ++job->open;
      request<chat::v1::Reply>(
        self, limits, answer_timeout, parts->owners.session_of(to->session_id()), std::move(notice),
        [this, job, account](const chat::v1::Reply& r) {
          if (r.refusal() == chat::v1::NONE)
            job->reached.push_back(account);
          end_show(job);
        },
        [this, job](const caf::error&) { end_show(job); });
    }
  end_show(job);
}

void connection_state::end_show(const std::shared_ptr<showing>& job) {
  if (--job->open > 0)
    return;
  auto& x = job->what;
  auto is_reached = [&](std::int64_t id) {
    return std::ranges::find(job->reached, id) != job->reached.end();
  };
  shown_messages.add(job->reached.empty() ? 0 : 1);
  log::info("smtp", number, "shown in chat",
            {{"from", x.env.from.text()},
             {"to", x.env.to.size()},
             {"reached", job->reached.size()},
             {"client", peer}});
  auto end = [&](reply r) {
    forget_text();
    with_session([&](session& s, effects& out) { s.on_accepted(r, out); });
  };
  if (x.env.how == delivery::send)
    return end(job->reached.empty() ? reply{554, "5.7.1 Nobody of them takes messages now"}
                                    : reply{250, "2.0.0 Ok: shown"});
  if (x.env.how == delivery::send_or_mail) {
    auto is_done = true;
    for (auto& found : resolved) {
      auto& ids = *found.mutable_account_ids();
      ids.erase(std::remove_if(ids.begin(), ids.end(), is_reached), ids.end());
      is_done = is_done && ids.empty() && found.remote().empty();
    }
    if (is_done)
      return end({250, "2.0.0 Ok: shown"});
  }
  store(x);
}

} // namespace hamlet::smtp
