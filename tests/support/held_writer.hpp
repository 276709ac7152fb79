// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/temp_store.hpp"

namespace hamlet::sql {

/// What tests of a writer have in common: operations, and a way to make them gather.
class HeldWriter : public TempStore {
protected:
  using answer = std::promise<result<std::int64_t>>;

  static operation<std::int64_t> insert(std::int64_t id) {
    return [id](database& db) {
      return db.run("INSERT INTO body (body_id, size, bytes) VALUES ($1, $1, $2)", id, blob{"x"})
        .map([id] { return id; });
    };
  }

  static completion<std::int64_t> into(answer& a) {
    return [&a](result<std::int64_t> x) { a.set_value(std::move(x)); };
  }

  /// errc::none: it was done.
  static errc refusal(answer& a) {
    auto x = a.get_future().get();
    return x ? errc::none : x.error().code;
  }

  /// Makes the writer wait inside a transaction, so that what follows gathers.
  void hold(writer& w) {
    auto held = std::make_shared<std::promise<void>>();
    auto once = std::make_shared<std::once_flag>(); // it may be run again
    w.submit<std::int64_t>(
      [this, held, once](database&) -> result<std::int64_t> {
        std::call_once(*once, [&] { held->set_value(); });
        gate.wait();
        return 0;
      },
      [](const result<std::int64_t>&) {});
    held->get_future().wait();
  }
  void release() { opener.set_value(); }

  std::int64_t count() { return number("SELECT count(*) FROM body"); }

  std::promise<void> opener;
  std::shared_future<void> gate{opener.get_future()};
};

} // namespace hamlet::sql
