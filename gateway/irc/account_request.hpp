// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/account/v1/chat_account.pb.h"

#include <variant>

namespace hamlet::irc {

/// What a session asks the ACCOUNT beside logins (gateway/auth/account_question.hpp asks it).
using account_request =
  std::variant<account::v1::Register, account::v1::SetPassword, account::v1::AddCertificate,
               account::v1::RemoveCertificate, account::v1::ListCertificates,
               account::v1::GroupNick, account::v1::UngroupNick, account::v1::ListNicks,
               account::v1::OwnerOfNick, account::v1::FindAccount, account::v1::SetChatSetting,
               account::v1::GetChatSettings>;
/// std::monostate: nobody answered in time, or the store failed.
using account_reply =
  std::variant<std::monostate, account::v1::Registered, account::v1::Changed,
               account::v1::Certificates, account::v1::Nicks, account::v1::NickOwner,
               account::v1::AccountFound, account::v1::ChatSettings>;

} // namespace hamlet::irc
