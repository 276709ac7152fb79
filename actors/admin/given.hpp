// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hamlet/admin/v1/call.pb.h"
#include "lib/admin/status.hpp"

#include <functional>
#include <string>
#include <utility>

namespace hamlet::admin {

/// What a call ends with; called once.
using ending = std::function<void(v1::Answer)>;

/// A call that is refused.
inline v1::Answer refusal(status why, std::string text) {
  v1::Answer no;
  no.set_code(static_cast<std::int32_t>(why));
  no.set_message(std::move(text));
  return no;
}

/// How a handler answers. Copied freely; one of its functions is called, once.
template <class Reply>
class given {
public:
  explicit given(ending end) : end_{std::move(end)} {}

  void operator()(const Reply& x) const {
    v1::Answer done;
    x.SerializeToString(done.mutable_reply());
    end_(std::move(done));
  }
  void no(status why, std::string text) const { end_(refusal(why, std::move(text))); }

  /// A field of the request cannot be so.
  void bad(const std::string& field, const std::string& problem) const {
    auto answer = refusal(status::invalid_argument, field + ": " + problem);
    auto& x = *answer.add_bad();
    x.set_name(field);
    x.set_problem(problem);
    end_(std::move(answer));
  }
  void fail(const error& why) const {
    no(status_of(why.code),
       why.detail.empty() ? std::string{hamlet::to_string(why.code)} : why.detail);
  }

private:
  ending end_;
};

} // namespace hamlet::admin
