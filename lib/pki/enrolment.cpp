// SPDX-License-Identifier: Apache-2.0
#include "lib/pki/enrolment.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/text/hex.hpp"

#include <array>

namespace hamlet::pki {

namespace {

constexpr std::string_view request_title = "hamlet join request 1";
constexpr std::string_view response_title = "hamlet join response 1";
constexpr std::string_view proof_name = "proof ";
constexpr std::size_t max_text = 512u << 10;

// A text is lines of "name value", then PEM parts in a fixed order, then the proof of all before.

std::string prove(std::string text, const std::string& key) {
  auto proof = to_hex(crypto::hmac_sha256(key, text));
  return text.append(proof_name).append(proof) += '\n';
}

/// One line without its end; nullopt: there is none.
std::optional<std::string_view> next_line(std::string_view& text) {
  auto end = text.find('\n');
  if (end == text.npos)
    return std::nullopt;
  auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::string next_value(std::string_view& text, std::string_view name) {
  auto line = next_line(text);
  return line && line->starts_with(name) ? std::string{line->substr(name.size())} : std::string{};
}

/// From "-----BEGIN" to the end of the line "-----END …".
std::string next_pem(std::string_view& text) {
  if (!text.starts_with("-----BEGIN "))
    return {};
  auto last = text.find("\n-----END ");
  auto end = last == text.npos ? last : text.find('\n', last + 1);
  if (end == text.npos)
    return {};
  auto part = std::string{text.substr(0, end + 1)};
  text.remove_prefix(end + 1);
  return part;
}

} // namespace

std::string write(const join_request& x, const std::string& key) {
  auto text = std::string{request_title} + "\nnode " + x.node + "\ntoken " + x.token_id + '\n';
  return prove(text + x.request, key);
}

std::string write(const join_response& x, const std::string& key) {
  auto text = std::string{response_title} + '\n';
  return prove(text + x.certificate + x.authority + x.revocations, key);
}

result<join_request> read_join_request(const std::string& text) {
  std::string_view rest = text;
  join_request found;
  if (text.size() <= max_text && next_line(rest) == request_title) {
    found.node = next_value(rest, "node ");
    found.token_id = next_value(rest, "token ");
    found.request = next_pem(rest);
  }
  if (found.node.empty() || found.token_id.empty() || found.request.empty()
      || !rest.starts_with(proof_name))
    return fail(errc::bad_request, "that is no request to join");
  return found;
}

bool is_proven(const std::string& text, const std::string& key) {
  auto at = text.rfind(proof_name);
  if (key.empty() || at == text.npos || at == 0 || text[at - 1] != '\n')
    return false;
  std::string_view rest{text};
  rest.remove_prefix(at);
  auto proof = next_value(rest, proof_name);
  auto right = to_hex(crypto::hmac_sha256(key, text.substr(0, at)));
  return rest.empty() && crypto::constant_time_equal(proof, right);
}

result<join_response> read_join_response(const std::string& text, const std::string& key) {
  std::string_view rest = text;
  join_response found;
  if (text.size() <= max_text && next_line(rest) == response_title) {
    found.certificate = next_pem(rest);
    found.authority = next_pem(rest);
    found.revocations = next_pem(rest);
  }
  if (found.authority.empty() || !rest.starts_with(proof_name))
    return fail(errc::bad_request, "that is no answer to a request to join");
  if (!is_proven(text, key))
    return fail(errc::bad_request,
                "the answer was not made by the authority that gave the token, or not for the "
                "latest request of this node");
  return found;
}

} // namespace hamlet::pki
