// SPDX-License-Identifier: Apache-2.0
// The texts by which a node joins, and what they carry: nothing that was not made with the key is
// taken, whatever it looks like.
#include "lib/pki/authority.hpp"
#include "lib/pki/enrolment.hpp"
#include "lib/pki/ledger.hpp"
#include "lib/pki/trust.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hamlet::pki;
  std::string text{reinterpret_cast<const char*>(data), size};
  static const auto ca = *authority::make("tea", 1'800'000'000);
  static const auto believes = *trust::load(ca.certificate_pem(), {});
  if (read_join_request(text) && is_proven(text, "a key that nobody has"))
    std::abort();
  if (read_join_response(text, "a key that nobody has"))
    std::abort();
  if (believes.check(text, 1'800'000'000).good())
    std::abort();
  if (revocation_list::read(text, ca.certificate_pem()))
    std::abort();
  static_cast<void>(ca.sign(text, "node", 1'800'000'000));
  static_cast<void>(read_token(text));
  if (auto books = ledger::read(text))
    static_cast<void>(ledger::read(books->text()));
  return 0;
}
