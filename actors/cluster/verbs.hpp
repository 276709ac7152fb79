// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/interfaces.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>

// The table of all that one node may ask of another. A number stands on the wire and is never given
// again; a new verb gets the next one, and the compiler misses it here if it is forgotten.

namespace hamlet::cluster {

/// What becomes of a command that comes twice, because the first answer was lost.
enum class twice : std::uint8_t {
  is_harmless, ///< it is done again: it reads, or what it makes true is true already
  is_known,    ///< its owner's node remembers the first answer for a while (repeats.hpp)
};

/// Does the owner look at who it is that asks?
enum class asker : std::uint8_t {
  any,
  one, ///< the owner's node has a stand-in for each, which ends with it: see inbox.hpp
};

template <std::uint32_t Number, class Interface, class Request, class Reply,
          twice Twice = twice::is_harmless, asker Asker = asker::any>
struct verb {
  static constexpr std::uint32_t number = Number;
  static constexpr twice repeated = Twice;
  static constexpr asker asked_by = Asker;
  static constexpr bool is_note = std::is_void_v<Reply>;
  using interface = Interface;
  using request = Request;
  using reply = Reply;
};

template <class... Verbs>
struct verb_list {};

/// The note of a proxy that one of its askers is gone: no verb of an owner, the INBOX takes it.
constexpr std::uint32_t asker_gone = 1;

using verbs = verb_list<
  // 2 to 9 are free for the link itself.
  verb<10, account_actor, account::v1::CheckPassword, account::v1::LoginResult>,
  verb<11, account_actor, account::v1::SaltOf, account::v1::LoginResult>,
  verb<12, account_actor, account::v1::CheckProof, account::v1::LoginResult>,
  verb<13, account_actor, account::v1::CheckApop, account::v1::LoginResult>,
  verb<14, account_actor, account::v1::CheckCertificate, account::v1::LoginResult>,
  verb<15, account_actor, account::v1::Resolve, account::v1::Resolved>,
  verb<16, account_actor, account::v1::FindNames, account::v1::NamesFound>,
  verb<17, account_actor, account::v1::Register, account::v1::Registered, twice::is_known>,
  verb<18, account_actor, account::v1::SetPassword, account::v1::Changed, twice::is_known>,
  verb<19, account_actor, account::v1::AddCertificate, account::v1::Changed, twice::is_known>,
  verb<20, account_actor, account::v1::RemoveCertificate, account::v1::Changed, twice::is_known>,
  verb<21, account_actor, account::v1::ListCertificates, account::v1::Certificates>,
  verb<22, account_actor, account::v1::GroupNick, account::v1::Changed, twice::is_known>,
  verb<23, account_actor, account::v1::UngroupNick, account::v1::Changed, twice::is_known>,
  verb<24, account_actor, account::v1::ListNicks, account::v1::Nicks>,
  verb<25, account_actor, account::v1::OwnerOfNick, account::v1::NickOwner>,
  verb<26, account_actor, account::v1::FindAccount, account::v1::AccountFound>,
  verb<27, account_actor, account::v1::SetChatSetting, account::v1::Changed>,
  verb<28, account_actor, account::v1::GetChatSettings, account::v1::ChatSettings>,
  verb<29, account_actor, account::v1::ManageAccount, account::v1::AccountManaged, twice::is_known>,

  verb<40, mailbox_shard_actor, mail::v1::Deliver, mail::v1::Delivered, twice::is_known>,
  verb<41, mailbox_shard_actor, mail::v1::OpenMaildrop, mail::v1::Maildrop, twice::is_known,
       asker::one>,
  verb<42, mailbox_shard_actor, mail::v1::ReadPart, mail::v1::Part>,
  verb<43, mailbox_shard_actor, mail::v1::Update, mail::v1::Updated, twice::is_known, asker::one>,
  verb<44, mailbox_shard_actor, mail::v1::CloseMaildrop, void, twice::is_harmless, asker::one>,

  verb<60, queue_actor, mail::v1::SpoolAppend, mail::v1::Spooled, twice::is_known>,
  verb<61, queue_actor, mail::v1::SpoolDiscard, void>,
  verb<62, queue_actor, mail::v1::Enqueue, mail::v1::Enqueued, twice::is_known>,
  verb<63, queue_actor, mail::v1::Confirm, void>, //
  verb<64, queue_actor, mail::v1::Wake, void>,

  verb<80, chat_actor, chat::v1::Request, chat::v1::Reply, twice::is_known>,
  verb<81, fanout_actor, chat::v1::Publish, chat::v1::Reply, twice::is_known>,
  // Its Requests and Publish are those of the two above. News have numbers: what comes twice is
  // seen.
  verb<82, relay_actor, chat::v1::News, chat::v1::NewsTaken>,
  verb<83, relay_actor, chat::v1::GetNumber, chat::v1::NumberIs>,
  verb<84, relay_actor, chat::v1::Report, chat::v1::Reported>>;

// -- looking things up, at compile time ---------------------------------------------

namespace detail {

template <class Interface, class Request, class List>
struct find_verb;
template <class Interface, class Request, class First, class... Rest>
struct find_verb<Interface, Request, verb_list<First, Rest...>> {
  static constexpr bool fits =
    std::same_as<typename First::interface,
                 Interface> && std::same_as<typename First::request, Request>;
  using type = typename std::conditional_t<fits, std::type_identity<First>,
                                           find_verb<Interface, Request, verb_list<Rest...>>>::type;
};
template <class Interface, class Request>
struct find_verb<Interface, Request, verb_list<>> {
  using type = void; ///< there is none
};

/// What one line of an actor's interface asks of the table: nothing, if it is a note to itself.
template <class Interface, class Signature>
struct has_verb : std::true_type {};
template <class Interface, hamlet::wire::protobuf Request, class Reply>
struct has_verb<Interface,
                caf::typed_mpi<caf::detail::type_list<Request>, caf::output_tuple<Reply>>> {
  using found = typename find_verb<Interface, Request, verbs>::type;
  static constexpr bool value = [] {
    if constexpr (std::is_void_v<found>)
      return false;
    else
      return std::same_as<typename found::reply, Reply>;
  }();
};

template <class Signatures, class... Interfaces>
struct has_all;
template <class... Signatures, class... Interfaces>
struct has_all<caf::detail::type_list<Signatures...>, Interfaces...> {
  template <class Signature>
  static constexpr bool is_in_one = (has_verb<Interfaces, Signature>::value || ...);
  static constexpr bool value = (is_in_one<Signatures> && ...);
};

/// @tparam Others Whose verbs it has, too: its handles may be cast to them.
template <class Interface, class... Others>
constexpr bool is_complete = has_all<typename Interface::signatures, Interface, Others...>::value;

template <class List>
constexpr bool numbers_rise = false;
template <class... Verbs>
constexpr bool numbers_rise<verb_list<Verbs...>> = [] {
  std::uint32_t last = asker_gone;
  return ((std::exchange(last, Verbs::number) < Verbs::number) && ...);
}();

} // namespace detail

static_assert(detail::is_complete<account_actor>, "a verb of the ACCOUNT is missing in the table");
static_assert(detail::is_complete<mailbox_shard_actor>, "a verb of the MAILBOX is missing");
static_assert(detail::is_complete<queue_actor>, "a verb of the QUEUE is missing in the table");
static_assert(detail::is_complete<chat_actor>, "a verb of chat is missing in the table");
static_assert(detail::is_complete<fanout_actor>, "a verb of FANOUT is missing in the table");
static_assert(detail::is_complete<relay_actor, chat_actor, fanout_actor>,
              "a verb of RELAY is missing");
static_assert(detail::numbers_rise<verbs>, "no number twice");

template <class Interface, class Request>
using verb_of = typename detail::find_verb<Interface, Request, verbs>::type;

/// Calls f.template operator()<Verb>() for the verb of this number. False: there is none.
template <class F>
bool with_verb(std::uint32_t number, F f) {
  return [&]<class... Verbs>(verb_list<Verbs...>) {
    return ((Verbs::number == number && (f.template operator()<Verbs>(), true)) || ...);
  }(verbs{});
}

} // namespace hamlet::cluster
