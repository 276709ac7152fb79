// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st; // OpenSSL stays inside the .cpp

namespace hamlet::crypto {

constexpr std::size_t sha256_size = 32;

/// FIPS 180-4: 20 octets. Protects nothing any more; some protocols still name things by it.
std::string sha1(std::string_view bytes);

/// FIPS 180-4: 32 octets.
std::string sha256(std::string_view bytes);

/// SHA-256 of what comes in pieces, for bodies that are never whole in memory.
class sha256_stream {
public:
  sha256_stream();

  void add(std::string_view bytes);

  /// The 32 octets; the stream then starts afresh.
  std::string finish();

private:
  struct free_context {
    void operator()(evp_md_ctx_st* x) const;
  };
  std::unique_ptr<evp_md_ctx_st, free_context> context_;
};

/// RFC 2104 with SHA-256: 32 octets.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// RFC 8018 §5.2 with HMAC-SHA-256. @return 32 octets.
std::string pbkdf2_sha256(std::string_view password, std::string_view salt,
                          std::uint32_t iterations);

/// 32 lower-case hexadecimal digits. For APOP (RFC 1939 §7) alone: MD5 is broken.
std::string md5_hex(std::string_view bytes);

/// Takes as long for the first difference as for the last; the sizes are no secret.
bool constant_time_equal(std::string_view a, std::string_view b);

/// Overwrites the octets and empties the string.
void wipe(std::string& secret);

} // namespace hamlet::crypto
