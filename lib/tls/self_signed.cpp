// SPDX-License-Identifier: Apache-2.0
#include "lib/tls/self_signed.hpp"

#include "lib/crypto/digest.hpp"
#include "lib/crypto/private_file.hpp"
#include "lib/tls/certificate.hpp"

namespace hamlet::tls {

namespace {

constexpr long early = 30L * 24 * 3600;

bool is_usable(const certificate_files& files, const std::string& host) {
  auto found = read_certificate(files.chain_file);
  return found && names_host(*found, host) && is_valid_for(*found, early)
         && context::load(files.chain_file, files.key_file);
}

} // namespace

// A crash between the two files leaves a pair that does not fit: made anew then.
result<certificate_files> ensure_self_signed(const std::string& folder, const std::string& host) {
  certificate_files files{folder + "/self-signed.pem", folder + "/self-signed.key"};
  if (is_usable(files, host))
    return files;
  auto pair = make_self_signed(host);
  if (!pair)
    return tl::unexpected{pair.error()};
  auto key = to_pem(*pair->key);
  auto written = crypto::write_private_file(files.key_file, key, crypto::existing::replace);
  crypto::wipe(key);
  if (written)
    written = crypto::write_private_file(files.chain_file, to_pem(*pair->certificate),
                                         crypto::existing::replace);
  if (!written)
    return tl::unexpected{written.error()};
  return files;
}

} // namespace hamlet::tls
