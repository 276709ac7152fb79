// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/config/chat_kinds.hpp"
#include "lib/config/checks.hpp"
#include "lib/config/kinds.hpp"

#include <tuple>

// Values that are tables: what stands in each of [[tls.certificate]], [[chat.operator]] ...

namespace hamlet::config {

/// One key of such a table.
template <class Owner, class T>
struct field {
  std::string_view key;
  T Owner::*member;
  bool is_needed;
  bool (*is_valid)(const T& value); ///< null: every value of the type
  std::string_view expects;         ///< as in "must be ..."
};

/// The keys of a table, and what of all its values must be there (is_complete).
template <class T>
struct record;

template <>
struct record<tls::certificate_files> {
  using files = tls::certificate_files;
  static constexpr std::string_view expects =
    "tables with chain and key, both absolute paths of PEM files";
  static constexpr std::string_view keys = "chain and key";
  static bool is_complete(const files&) { return true; }
  static constexpr auto fields = std::tuple{
    field<files, std::string>{"chain", &files::chain_file, true, is_absolute_path,
                              "an absolute path"},
    field<files, std::string>{"key", &files::key_file, true, is_absolute_path, "an absolute path"}};
};

template <>
struct record<chat_operator> {
  using who = chat_operator;
  static constexpr std::string_view expects =
    "tables with name, password (of `hamlet chat hash-password`), certificate (SHA-256 in "
    "hexadecimal), account, from (a list of masks user@host), privileges (a list of kill, ban, "
    "see, override, notices, links, reload, stop, exempt; without it all) and title; name and one "
    "of password and certificate are needed";
  static constexpr std::string_view keys =
    "name, password, certificate, account, from, privileges and title";
  static bool is_complete(const who& x) { return !x.password.empty() || !x.certificate.empty(); }
  static constexpr auto fields = std::tuple{
    field<who, std::string>{"name", &who::name, true, is_printable_word,
                            "a word of printable ASCII"},
    field<who, std::string>{"password", &who::password, false, is_password_hash,
                            "a line of `hamlet chat hash-password`"},
    field<who, std::string>{"certificate", &who::certificate, false, is_fingerprint,
                            "64 hexadecimal digits in lower case"},
    field<who, std::string>{"account", &who::account, false, is_printable_text, "a name"},
    field<who, std::vector<std::string>>{"from", &who::from, false, are_masks,
                                         "a list of masks such as \"*@192.0.2.*\""},
    field<who, std::vector<privilege>>{"privileges", &who::privileges, false, nullptr,
                                       "a list of privileges"},
    field<who, std::string>{"title", &who::title, false, is_printable_text, "one line of text"}};
};

template <>
struct record<web_gateway> {
  using gate = web_gateway;
  static constexpr std::string_view expects =
    "tables with name, from (a list of networks), password (of `hamlet chat hash-password`) and "
    "certificate (SHA-256 in hexadecimal); name, from and one of the others are needed";
  static constexpr std::string_view keys = "name, from, password and certificate";
  static bool is_complete(const gate& x) { return !x.password.empty() || !x.certificate.empty(); }
  static constexpr auto fields = std::tuple{
    field<gate, std::string>{"name", &gate::name, true, is_printable_word,
                             "a word of printable ASCII"},
    field<gate, std::vector<network>>{"from", &gate::from, true, nullptr, "a list of networks"},
    field<gate, std::string>{"password", &gate::password, false, is_password_hash,
                             "a line of `hamlet chat hash-password`"},
    field<gate, std::string>{"certificate", &gate::certificate, false, is_fingerprint,
                             "64 hexadecimal digits in lower case"}};
};

template <class T>
concept recorded = requires {
  record<T>::fields;
};

/// Calls `f` with every field of a kind of table.
template <recorded T>
void each_field(auto&& f) {
  std::apply([&](const auto&... x) { (f(x), ...); }, record<T>::fields);
}

} // namespace hamlet::config
