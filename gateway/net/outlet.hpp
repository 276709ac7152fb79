// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace hamlet::net {

class stream_impl;

/// What many clients get alike: rendered once.
using shared_bytes = std::shared_ptr<const std::string>;

/// Writes to a stream that somebody else owns: a cheap copy, usable from any thread. It keeps
/// nothing alive, and does no harm after the end of its stream. What one thread writes, by outlet
/// or as the owner, arrives in that order; so does what happens before by other means.
class outlet {
public:
  outlet() = default; ///< leads nowhere
  explicit outlet(std::weak_ptr<stream_impl> impl);

  /// As stream::write(), and with the same bound: limits::write_queue.
  void write(shared_bytes bytes) const;

  /// Leads, or has led, to a stream.
  explicit operator bool() const { return *this != outlet{}; }
  bool operator==(const outlet& x) const {
    return !impl_.owner_before(x.impl_) && !x.impl_.owner_before(impl_);
  }

private:
  friend class audience;
  friend class broadcast;

  std::weak_ptr<stream_impl> impl_;
};

} // namespace hamlet::net
