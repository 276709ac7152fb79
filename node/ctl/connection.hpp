// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/admin/status.hpp"
#include "lib/base/result.hpp"

#include <google/protobuf/message.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hamlet::ctl {

/// Where the server is, and what it is shown.
struct target {
  std::string socket;           ///< of this machine; used when `address` is empty
  std::string address;          ///< HOST:PORT, with TLS
  std::string authority_file;   ///< PEM: who has signed the server's; empty: those of the system
  std::string certificate_file; ///< as `hamlet admin certificate` prints it; empty: none
  std::string server_name;      ///< as its certificate says it; empty: HOST
  std::string token_file;       ///< empty: none
  std::chrono::seconds patience{60};
};

/// Why a call failed.
struct failure {
  admin::status why = admin::status::unknown;
  std::string text;
  std::vector<std::pair<std::string, std::string>> bad; ///< field, problem
};

/// A connection to one server.
class connection {
public:
  /// errc::bad_setup: a file cannot be read. Connects with the first call.
  static result<connection> open(const target& to);
  connection(connection&&) noexcept;
  ~connection();

  /// One call. @param method "hamlet.admin.v1.Accounts/List".
  tl::expected<void, failure> call(const std::string& method,
                                   const google::protobuf::Message& request,
                                   google::protobuf::Message& reply);

  /// What the latest call has found wrong with the node, in words: only health does.
  const std::vector<std::string>& problems() const { return problems_; }

private:
  struct impl;
  explicit connection(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
  std::vector<std::string> problems_;
};

} // namespace hamlet::ctl
