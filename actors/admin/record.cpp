// SPDX-License-Identifier: Apache-2.0
#include "actors/admin/admin.hpp"
#include "lib/crypto/digest.hpp"
#include "lib/log/log.hpp"

// The audit: nothing is changed before it is written down that somebody wants it.

namespace hamlet::admin {

namespace {

constexpr std::int64_t given_up_ms = 120'000; // of a request that never ended: its node is gone
constexpr std::size_t longest_text = 500;

std::string reply_context(std::int64_t id) {
  return "admin reply " + std::to_string(id);
}

std::string short_name(const method& about) {
  auto at = about.name.find("v1.");
  return std::string{at == about.name.npos ? about.name : about.name.substr(at + 3)};
}

std::string cut(std::string text) {
  text.resize(std::min(text.size(), longest_text));
  return text;
}

} // namespace

/// Whether two requests are the same can be told by it, and nothing else: there are passwords in
/// some.
std::string admin_state::print_of(std::string_view request) const {
  return crypto::hmac_sha256(parts->key->derive("admin requests"), request);
}

void admin_state::record(note x, std::function<void(ending)> run, ending end) {
  sql::admin_action row;
  row.time_ms = parts->now_ms();
  row.who = x.who.name;
  row.address = x.who.address;
  row.method = short_name(*x.about);
  row.target = cut(x.target);
  row.request_id = x.request_id;
  row.print = x.print;
  auto given_up = row.time_ms - given_up_ms;
  auto then = [this, x = std::move(x), run = std::move(run),
               end = std::move(end)](const result<sql::admin_begun>& begun) {
    if (!begun) // without a word in the audit nothing is done
      return end(refusal(status_of(begun.error().code), "the audit: " + begun.error().detail));
    using enum sql::admin_begun::state;
    switch (begun->found) {
    case fresh: return run_recorded(begun->id, x, run, end);
    case running:
      return end(refusal(status::aborted, "the same request is under way, or its end is unknown"));
    case another: {
      auto no = refusal(status::invalid_argument, "request_id: was used for another request");
      auto& bad = *no.add_bad();
      bad.set_name("request_id");
      bad.set_problem("was used for another request");
      return end(std::move(no));
    }
    case known: break;
    }
    auto reply = parts->key->unseal(begun->reply, reply_context(begun->id));
    if (!reply)
      return end(refusal(status::data_loss, "the reply of the first request cannot be read"));
    v1::Answer again;
    again.set_reply(std::move(*reply));
    end(std::move(again));
  };
  parts->rows.begin(std::move(row), given_up, back<sql::admin_begun>(std::move(then)));
}

void admin_state::run_recorded(std::int64_t id, const note& x,
                               const std::function<void(ending)>& run, const ending& end) {
  run([this, id, x, end](v1::Answer answer) {
    std::string outcome{to_string(static_cast<status>(answer.code()))};
    log::info("admin", "change",
              {{"who", x.who.name},
               {"address", x.who.address},
               {"method", x.about->name},
               {"target", x.target},
               {"request", x.request_id},
               {"outcome", outcome}});
    auto keep = answer.code() == 0 && !x.request_id.empty();
    auto reply = keep ? parts->key->seal(answer.reply(), reply_context(id)) : std::string{};
    auto then = [this, end, answer](const result<void_t>& written) {
      if (!written)
        log::error("admin", "the end of a change is not in the audit",
                   {{"why", written.error().detail}});
      end(answer); // it has happened
      if (std::exchange(draining_, false))
        parts->drain();
    };
    parts->rows.end(id, outcome, cut(answer.message()), reply, back<void_t>(std::move(then)));
  });
}

/// What has ended before it began.
void admin_state::write_down(note x, std::string outcome, std::string detail) {
  sql::admin_action row;
  row.time_ms = parts->now_ms();
  row.who = std::move(x.who.name);
  row.address = std::move(x.who.address);
  row.method = short_name(*x.about);
  row.target = cut(std::move(x.target));
  row.print = std::move(x.print);
  row.outcome = std::move(outcome);
  row.detail = cut(std::move(detail));
  parts->rows.begin(std::move(row), 0, [](const result<sql::admin_begun>& written) {
    if (!written)
      log::error("admin", "a refusal is not in the audit", {{"why", written.error().detail}});
  });
}

} // namespace hamlet::admin
