// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/tls/handles.hpp"

#include <string_view>
#include <vector>

namespace hamlet::tls {

struct key_pair {
  handle<evp_pkey_st> key;
  handle<x509_st> certificate;
};

/// A fresh P-256 key and a certificate for `host`, localhost and 127.0.0.1.
/// @param host A domain name (A-labels) or an address; errc::bad_setup for others.
result<key_pair> make_self_signed(const std::string& host);

/// The host names of a certificate in lower case, perhaps with "*." in front: the
/// alternative names, or without any the common name.
std::vector<std::string> names_of(const x509_st& certificate);

/// The first one of a PEM file; nullptr: there is none.
handle<x509_st> read_certificate(const std::string& pem_file);

/// The certificate itself is for this host (RFC 9525 §6.3), by name or address.
bool names_host(const x509_st& certificate, const std::string& host);

/// `key` is the other half of the key in the certificate.
bool has_key(const x509_st& certificate, const evp_pkey_st& key);

bool is_valid_for(const x509_st& certificate, long seconds);

std::string to_pem(const x509_st& certificate);

/// SHA-256 of the DER form in lower-case hex, as people compare certificates.
std::string fingerprint(const x509_st& certificate);
std::string to_pem(const evp_pkey_st& key);

/// RFC 5929 §4.1: the hash of a server's certificate; empty where its signature has no
/// single hash (Ed25519).
std::string end_point_hash(const x509_st& certificate);

} // namespace hamlet::tls
