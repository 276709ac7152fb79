// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/scram_message.hpp"

#include "lib/sasl/mechanism_state.hpp"
#include "lib/text/base64.hpp"
#include "lib/text/utf8.hpp"

#include <algorithm>

namespace hamlet::sasl {

namespace {

constexpr std::size_t proof_size = 32;

bool is_alpha(char x) {
  return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
}

/// Hands out what stands between the commas.
class fields {
public:
  explicit fields(std::string_view text) : rest_{text} {}

  bool more() const { return !done_; }
  std::string_view rest() const { return rest_; }

  /// The next field, empty at the end.
  std::string_view next() {
    auto comma = rest_.find(',');
    auto field = rest_.substr(0, comma);
    done_ = comma == rest_.npos;
    rest_.remove_prefix(done_ ? rest_.size() : comma + 1);
    return field;
  }

  /// The value of the next field if it is of this name; otherwise nullopt.
  std::optional<std::string_view> value(char name) {
    auto field = next();
    if (field.size() < 3 || field[0] != name || field[1] != '=')
      return std::nullopt;
    return field.substr(2);
  }

private:
  std::string_view rest_;
  bool done_ = false;
};

// RFC 5802 §5.1: "=2C" is a comma, "=3D" an equals sign, no other "=" may stand.
std::optional<std::string> saslname(std::optional<std::string_view> text) {
  if (!text)
    return std::nullopt;
  std::string name;
  for (std::size_t i = 0; i < text->size(); ++i) {
    if ((*text)[i] != '=') {
      name += (*text)[i];
      continue;
    }
    auto code = text->substr(i + 1, 2);
    if (code != "2C" && code != "3D")
      return std::nullopt;
    name += code == "2C" ? ',' : '=';
    i += 2;
  }
  if (name.empty() || name.size() > max_name || !utf8::is_valid(name))
    return std::nullopt;
  return name;
}

// RFC 5802 §7: printable = %x21-2B / %x2D-7E
bool is_nonce(std::string_view text) {
  return !text.empty() && text.size() <= 2 * max_name
         && std::ranges::all_of(text, [](char x) { return x > ' ' && x < '\x7f' && x != ','; });
}

// RFC 5802 §7: cb-name = 1*(ALPHA / DIGIT / "." / "-")
bool is_cbind_name(std::string_view text) {
  return !text.empty() && text.size() <= max_name && std::ranges::all_of(text, [](char x) {
    return is_alpha(x) || (x >= '0' && x <= '9') || x == '.' || x == '-';
  });
}

// RFC 5802 §5.1: unknown attributes are passed over, but "m=" means that we must not.
bool is_passed_over(std::string_view field) {
  return field.size() > 2 && is_alpha(field[0]) && field[0] != 'm' && field[1] == '=';
}

bool take_gs2_header(fields& from, client_first& out) {
  auto flag = from.next();
  if (flag.starts_with("p=") && is_cbind_name(flag.substr(2))) {
    out.flag = cbind_flag::used;
    out.cbind_name = flag.substr(2);
  } else if (flag == "y") {
    out.flag = cbind_flag::not_offered;
  } else if (flag != "n") {
    return false;
  }
  auto of_authzid = from;
  if (from.next().empty())
    return from.more();
  auto authzid = saslname(of_authzid.value('a'));
  out.authzid = authzid.value_or("");
  return authzid && from.more();
}

} // namespace

std::optional<client_first> parse_client_first(std::string_view message) {
  client_first out;
  fields from{message};
  if (message.find('\0') != message.npos || !take_gs2_header(from, out))
    return std::nullopt;
  out.bare = from.rest();
  out.gs2_header = message.substr(0, message.size() - out.bare.size());
  auto name = saslname(from.value('n'));
  auto nonce = from.value('r');
  if (!name || !nonce || !is_nonce(*nonce) || nonce->size() > max_name)
    return std::nullopt;
  while (from.more())
    if (!is_passed_over(from.next()))
      return std::nullopt;
  out.authcid = *name;
  out.nonce = *nonce;
  return out;
}

std::optional<client_final> parse_client_final(std::string_view message) {
  client_final out;
  fields from{message};
  if (message.find('\0') != message.npos)
    return std::nullopt;
  auto cbind = from.value('c');
  auto nonce = from.value('r');
  if (!cbind || !nonce || !is_nonce(*nonce))
    return std::nullopt;
  // The proof is the last field: RFC 5802 §5.1.
  auto last = message.rfind(',');
  while (from.more() && from.rest().data() != message.data() + last + 1)
    if (!is_passed_over(from.next()))
      return std::nullopt;
  auto proof = from.value('p');
  auto cbind_input = base64::decode(*cbind);
  auto proof_bytes = proof ? base64::decode(*proof) : std::nullopt;
  if (!cbind_input || !proof_bytes || proof_bytes->size() != proof_size)
    return std::nullopt;
  out.cbind_input = *cbind_input;
  out.nonce = *nonce;
  out.proof = *proof_bytes;
  out.without_proof = message.substr(0, last);
  return out;
}

} // namespace hamlet::sasl
