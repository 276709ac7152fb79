// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/wire.hpp"
#include "hamlet/account/v1/account.pb.h"
#include "hamlet/account/v1/chat_account.pb.h"
#include "hamlet/account/v1/manage.pb.h"
#include "hamlet/admin/v1/call.pb.h"
#include "hamlet/chat/v1/chat.pb.h"
#include "hamlet/chat/v1/nodes.pb.h"
#include "hamlet/mail/v1/mailbox.pb.h"
#include "hamlet/mail/v1/queue.pb.h"

#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <memory>

// The map of the system: every actor's interface, and nothing else.
// The protobuf type is the verb: one type, one meaning, the same inside a node
// and between nodes. An atom never leaves the actor that sends it.

namespace hamlet {

/// The ACCOUNT: who may log in, and where mail for an address goes. One for each shard of names.
/// Wrong passwords are answered late on purpose.
using account_actor =
  caf::typed_actor<caf::replies_to<account::v1::CheckPassword>::with<account::v1::LoginResult>,
                   caf::replies_to<account::v1::SaltOf>::with<account::v1::LoginResult>,
                   caf::replies_to<account::v1::CheckProof>::with<account::v1::LoginResult>,
                   caf::replies_to<account::v1::CheckApop>::with<account::v1::LoginResult>,
                   caf::replies_to<account::v1::CheckCertificate>::with<account::v1::LoginResult>,
                   caf::replies_to<account::v1::Resolve>::with<account::v1::Resolved>,
                   caf::replies_to<account::v1::FindNames>::with<account::v1::NamesFound>,
                   // What chat asks beside logins.
                   caf::replies_to<account::v1::Register>::with<account::v1::Registered>,
                   caf::replies_to<account::v1::SetPassword>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::AddCertificate>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::RemoveCertificate>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::ListCertificates>::with<account::v1::Certificates>,
                   caf::replies_to<account::v1::GroupNick>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::UngroupNick>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::ListNicks>::with<account::v1::Nicks>,
                   caf::replies_to<account::v1::OwnerOfNick>::with<account::v1::NickOwner>,
                   caf::replies_to<account::v1::FindAccount>::with<account::v1::AccountFound>,
                   caf::replies_to<account::v1::SetChatSetting>::with<account::v1::Changed>,
                   caf::replies_to<account::v1::GetChatSettings>::with<account::v1::ChatSettings>,
                   // What administrators ask.
                   caf::replies_to<account::v1::ManageAccount>::with<account::v1::AccountManaged>,
                   // A note to itself: forget what is too old.
                   caf::reacts_to<caf::tick_atom>>;

/// The MAILBOX of one account. Lives on the node that owns its shard.
using mailbox_actor = caf::typed_actor<
  // Takes what is queued for it; answers when that is durable.
  caf::replies_to<mail::v1::Deliver>::with<mail::v1::Delivered>,
  // The exclusive lock of RFC 1939 §4, and what is in the maildrop.
  caf::replies_to<mail::v1::OpenMaildrop>::with<mail::v1::Maildrop>,
  caf::replies_to<mail::v1::ReadPart>::with<mail::v1::Part>,
  caf::replies_to<mail::v1::Update>::with<mail::v1::Updated>,
  caf::reacts_to<mail::v1::CloseMaildrop>,
  // A note to itself: is there anything left to do?
  caf::reacts_to<caf::tick_atom>>;

/// The SHARD: owns many mailboxes, starts a MAILBOX when it is first needed and
/// passes requests on to it.
using mailbox_shard_actor = mailbox_actor::extend<
  // From the MAILBOX of this account: it is idle, after so many messages; it may end.
  caf::reacts_to<caf::flush_atom, std::int64_t, std::uint64_t>>;

/// The QUEUE of a node: takes mail in, durably, and sees that mailboxes get it.
using queue_actor =
  caf::typed_actor<caf::replies_to<mail::v1::SpoolAppend>::with<mail::v1::Spooled>,
                   caf::reacts_to<mail::v1::SpoolDiscard>,
                   caf::replies_to<mail::v1::Enqueue>::with<mail::v1::Enqueued>,
                   caf::reacts_to<mail::v1::Confirm>, caf::reacts_to<mail::v1::Wake>,
                   // A note to itself: flush what was confirmed, try again what failed.
                   caf::reacts_to<caf::tick_atom>>;

/// The HERALD of a node: tells members in chat that mail has come.
using herald_actor = caf::typed_actor<caf::reacts_to<mail::v1::Arrived>,
                                      // A note to itself: what has waited long enough.
                                      caf::reacts_to<caf::tick_atom>>;

/// The NICK directory, the SESSIONS and the CHANNELS: 256 shards of each. A shard keeps all of its
/// nicks, sessions or channels itself: an actor for each user would cost more than the user. Which
/// verb goes to which is said in chat.proto; one that a shard does not know is refused with
/// chat::v1::BAD_REQUEST.
using chat_actor = caf::typed_actor<caf::replies_to<chat::v1::Request>::with<chat::v1::Reply>,
                                    // A note to itself: what has waited long enough.
                                    caf::reacts_to<caf::tick_atom>>;

/// The FANOUT of a node: one message for each event, however many of its clients hear it. It gives
/// back the reply that came with the events, when they are on their way to the clients.
using fanout_actor = caf::typed_actor<caf::replies_to<chat::v1::Publish>::with<chat::v1::Reply>>;

/// The RELAY of a node in a cluster, in the place of FANOUT: what happens here goes to the FANOUT
/// and to all other nodes, what happens there comes to the FANOUT here. Any of its handles may be
/// cast to fanout_actor or chat_actor.
using relay_actor =
  caf::typed_actor<caf::replies_to<chat::v1::Publish>::with<chat::v1::Reply>,
                   // For a SESSION whose home is this node.
                   caf::replies_to<chat::v1::Request>::with<chat::v1::Reply>,
                   // From the RELAYs of other nodes.
                   caf::replies_to<chat::v1::News>::with<chat::v1::NewsTaken>,
                   caf::replies_to<chat::v1::GetNumber>::with<chat::v1::NumberIs>,
                   caf::replies_to<chat::v1::Report>::with<chat::v1::Reported>,
                   // A note to itself, and from the places: something has changed.
                   caf::reacts_to<caf::tick_atom>>;

/// The ADMIN of a node: who may do what from outside, the audit, and all that administrators ask.
using admin_actor = caf::typed_actor<caf::replies_to<admin::v1::Call>::with<admin::v1::Answer>,
                                     // A note to itself: forget what is too old.
                                     caf::reacts_to<caf::tick_atom>>;

/// An answer from outside the actor system on its way to the actor that waits
/// for it (actors/resume.hpp). Never leaves the process.
struct resumption {
  std::shared_ptr<void> answer;
};

} // namespace hamlet

CAF_BEGIN_TYPE_ID_BLOCK(hamlet, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::CheckPassword))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::SaltOf))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::CheckProof))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::CheckApop))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::CheckCertificate))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::LoginResult))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Resolve))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Resolved))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::FindNames))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::NamesFound))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Register))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::SetPassword))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::AddCertificate))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::RemoveCertificate))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::ListCertificates))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::GroupNick))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::UngroupNick))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::ListNicks))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::OwnerOfNick))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::FindAccount))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::SetChatSetting))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::GetChatSettings))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Registered))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Changed))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Certificates))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::Nicks))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::NickOwner))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::AccountFound))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::ChatSettings))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Deliver))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Delivered))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::OpenMaildrop))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Maildrop))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::ReadPart))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Part))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Update))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Updated))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::CloseMaildrop))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::SpoolAppend))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Spooled))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::SpoolDiscard))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Enqueue))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Enqueued))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Confirm))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Wake))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::Request))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::Reply))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::Publish))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::News))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::NewsTaken))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::GetNumber))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::NumberIs))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::Report))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat::v1::Reported))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mail::v1::Arrived))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mailbox_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::mailbox_shard_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::queue_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::chat_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::fanout_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::relay_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::herald_actor))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::resumption))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::ManageAccount))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::account::v1::AccountManaged))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::admin::v1::Call))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::admin::v1::Answer))
  CAF_ADD_TYPE_ID(hamlet, (hamlet::admin_actor))
CAF_END_TYPE_ID_BLOCK(hamlet)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hamlet::resumption)
