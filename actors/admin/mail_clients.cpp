// SPDX-License-Identifier: Apache-2.0
#include "actors/mail_clients.hpp"

#include "actors/admin/handlers.hpp"
#include "actors/admin/paging.hpp"
#include "lib/base/ids.hpp"

// Connections of mail programs: each node tells of its own.

namespace hamlet::admin {

namespace {

std::string text_of(std::uint64_t number) {
  return short_id_text(static_cast<std::int64_t>(number));
}

void write(const mail_clients::client& x, const node_self& node, v1::MailClient& into) {
  into.set_connection(text_of(x.number));
  into.set_node(node.name);
  into.set_protocol(x.protocol);
  into.set_address(x.address);
  into.set_account(x.account);
  into.set_is_secure(x.is_secure);
  into.set_since_ms(x.since_ms);
}

} // namespace

/// By their numbers: who comes while somebody turns pages is on the last one.
void admin_state::list_mail_clients(const v1::ListMailClientsRequest& x,
                                    given<v1::ListMailClientsResponse> done) {
  auto after =
    x.page_token().empty() ? std::optional<std::int64_t>{0} : short_id_of(x.page_token());
  if (!after)
    return done.bad("page_token", "is none of ours");
  auto size = page_size_of(x);
  auto found = parts->mail->list(static_cast<std::uint64_t>(*after), size + 1, x.account());
  v1::ListMailClientsResponse reply;
  auto has_more = found.size() > size;
  if (has_more)
    found.pop_back();
  for (auto& one : found)
    write(one, parts->node, *reply.add_clients());
  if (has_more)
    reply.set_next_page_token(text_of(found.back().number));
  done(reply);
}

void admin_state::disconnect_mail(const v1::DisconnectMailRequest& x, given<v1::MailClient> done) {
  auto number = static_cast<std::uint64_t>(short_id_of(x.connection()).value_or(0));
  auto found = parts->mail->find(number);
  if (!found)
    return done.no(status::not_found, "there is no such connection at this node");
  v1::MailClient reply;
  write(*found, parts->node, reply);
  if (!x.validate_only())
    parts->mail->disconnect(number);
  done(reply);
}

} // namespace hamlet::admin
