// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace hamlet::crypto {

/// `n` octets of the system's generator.
std::string random_bytes(std::size_t n);

/// `n` letters and digits, 5.95 bits each: nonces, tokens.
std::string random_text(std::size_t n);

/// A password for one device, to be typed once: "kq3f-9xwm-…", five groups of four
/// lower-case letters and digits without look-alikes (99 bits).
std::string device_password();

} // namespace hamlet::crypto
