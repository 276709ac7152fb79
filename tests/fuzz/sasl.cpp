// SPDX-License-Identifier: Apache-2.0
#include "lib/sasl/exchange.hpp"

#include <algorithm>
#include <cstdlib>

using namespace hamlet::sasl;

namespace {

void must(bool holds) {
  if (!holds)
    std::abort();
}

bool is_name(const std::string& x) {
  return x.size() <= 255 && x.find('\0') == x.npos;
}

/// Knows what was asked, and thus which answers may be followed by what.
class watcher {
public:
  void saw(const step& s, char op) {
    if (over_)
      must(std::holds_alternative<failure>(s));
    if (std::holds_alternative<success>(s))
      must(op == 'K' ? asked_password_ : op == 'r' && proven_);
    if (auto* q = std::get_if<check_password>(&s))
      must(is_name(q->authzid) && is_name(q->authcid) && !q->authcid.empty() && !q->password.empty()
           && q->password.size() <= 1024);
    if (auto* q = std::get_if<check_certificate>(&s))
      must(is_name(q->authzid));
    if (auto* q = std::get_if<want_salt>(&s))
      must(is_name(q->authcid) && !q->authcid.empty());
    if (auto* q = std::get_if<check_proof>(&s))
      must(salted_ && q->proof.size() == 32 && is_name(q->authcid) && is_name(q->authzid)
           && q->auth_message.find("servernonce,s=c2FsdA==,i=4096,c=") != std::string::npos);
    proven_ = op == 'V' && asked_proof_ && std::holds_alternative<challenge>(s);
    salted_ |= op == 'S' && std::holds_alternative<challenge>(s);
    asked_password_ =
      std::holds_alternative<check_password>(s) || std::holds_alternative<check_certificate>(s);
    asked_proof_ = std::holds_alternative<check_proof>(s);
    over_ |= std::holds_alternative<success>(s) || std::holds_alternative<failure>(s);
  }

private:
  bool over_ = false, asked_password_ = false, asked_proof_ = false, proven_ = false,
       salted_ = false;
};

step apply(exchange& x, char op, std::string_view text) {
  switch (op) {
  case 'n': return x.start(std::nullopt);
  case 'i': return x.start(text);
  case 'S': return x.on_salt({"salt", 4096});
  case 's': return x.on_salt({std::string{text}, 0});
  case 'V': return x.on_proof("signature");
  case 'v': return x.on_proof(std::nullopt);
  case 'K': return x.on_password(true);
  case 'k': return x.on_password(false);
  default: return x.respond(text);
  }
}

} // namespace

// The first octet is the mechanism, the second says what the channel offers; then
// lines, each an operation and its text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  if (rest.size() < 2)
    return 0;
  auto kind = static_cast<mechanism>((rest[0] & 7) % 5);
  channel_binding binding{(rest[1] & 1) != 0 ? "exporter" : "", (rest[1] & 2) != 0 ? "hash" : ""};
  exchange x{kind, binding, "servernonce"};
  watcher watch;
  rest.remove_prefix(2);
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto op = line.empty() ? 'r' : line[0];
    if (std::string_view{"niSsVvKk"}.find(op) == std::string_view::npos)
      op = 'r';
    watch.saw(apply(x, op, line.substr(std::min<std::size_t>(line.size(), 1))), op);
  }
  return 0;
}
