// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sasl/exchange.hpp"

namespace hamlet::sasl {

inline std::optional<failure> failure_of(const step& s) {
  if (auto f = std::get_if<failure>(&s))
    return *f;
  return std::nullopt;
}

template <class Step>
bool is(const step& s) {
  return std::holds_alternative<Step>(s);
}

} // namespace hamlet::sasl
