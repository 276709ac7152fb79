// SPDX-License-Identifier: Apache-2.0
#include "actors/account/account.hpp"
#include "actors/account/fingerprint.hpp"
#include "actors/resume.hpp"
#include "lib/base/clock.hpp"
#include "lib/text/ascii.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

// The certificates by which an account logs in, and what it wants of chat.

namespace hamlet {

using account::v1::Certificates;
using account::v1::Changed;
using account::v1::ChatSettings;

namespace {

constexpr std::size_t max_certificate_name = 64, max_setting_name = 32, max_setting_value = 500;

bool is_setting_name(std::string_view text) {
  return !text.empty() && text.size() <= max_setting_name && std::ranges::all_of(text, [](char c) {
    return ascii::is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

bool is_plain_text(std::string_view text, std::size_t longest) {
  auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
  return text.size() <= longest && utf8::is_valid(text) && std::ranges::none_of(text, is_control);
}

} // namespace

caf::result<Changed> account_state::add_certificate(const account::v1::AddCertificate& msg) {
  auto promise = owe<Changed>(self);
  auto fingerprint = canonical_fingerprint(msg.fingerprint());
  if (!fingerprint || !is_plain_text(msg.name(), max_certificate_name)) {
    end_change(promise, Changed::INVALID);
    return promise;
  }
  parts->chat.add_certificate({*fingerprint, msg.account_id(), msg.name(), unix_milliseconds()},
                              parts->rules->get()->certificates_per_account, tell_change(promise));
  return promise;
}

caf::result<Changed> account_state::remove_certificate(const account::v1::RemoveCertificate& msg) {
  auto promise = owe<Changed>(self);
  auto fingerprint = canonical_fingerprint(msg.fingerprint());
  if (!fingerprint) {
    end_change(promise, Changed::INVALID);
    return promise;
  }
  parts->chat.remove_certificate(msg.account_id(), *fingerprint, tell_change(promise));
  return promise;
}

caf::result<Certificates>
account_state::list_certificates(const account::v1::ListCertificates& msg) {
  auto promise = owe<Certificates>(self);
  using found = std::vector<sql::chat_certificate>;
  auto then = [promise](result<found> rows) mutable {
    settle(promise, rows.map([](const found& all) {
      Certificates answer;
      for (auto& x : all) {
        auto& one = *answer.add_certificate();
        one.set_fingerprint(x.fingerprint);
        one.set_name(x.name);
        one.set_added_ms(x.added_ms);
      }
      return answer;
    }));
  };
  parts->chat.certificates(msg.account_id(),
                           resume<found>(self, limits, store_timeout, std::move(then)));
  return promise;
}

caf::result<Changed> account_state::set_chat_setting(const account::v1::SetChatSetting& msg) {
  auto promise = owe<Changed>(self);
  if (!is_setting_name(msg.name()) || !is_plain_text(msg.value(), max_setting_value)) {
    end_change(promise, Changed::INVALID);
    return promise;
  }
  if (msg.value().empty())
    parts->chat.remove_setting(msg.account_id(), msg.name(), tell_change(promise));
  else
    parts->chat.set_setting(msg.account_id(), msg.name(), msg.value(), tell_change(promise));
  return promise;
}

caf::result<ChatSettings> account_state::chat_settings(const account::v1::GetChatSettings& msg) {
  auto promise = owe<ChatSettings>(self);
  using found = std::vector<sql::named_value>;
  auto then = [promise](result<found> rows) mutable {
    settle(promise, rows.map([](const found& all) {
      ChatSettings answer;
      for (auto& x : all) {
        auto& one = *answer.add_setting();
        one.set_name(x.first);
        one.set_value(x.second);
      }
      return answer;
    }));
  };
  parts->chat.settings(msg.account_id(),
                       resume<found>(self, limits, store_timeout, std::move(then)));
  return promise;
}

} // namespace hamlet
