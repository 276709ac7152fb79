// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/accounts.hpp"
#include "node/command.hpp"
#include "node/store.hpp"

namespace hamlet::node {

/// Opens the store for one command; the server may run meanwhile.
template <class F>
int with_store(const call& c, F work) {
  auto opened = store::open(c.settings, [](const error& why) { complain(why); });
  if (!opened)
    return complain(opened.error());
  return work(**opened);
}

/// Finds the account that the first word names and hands it on: work(store&, const sql::login&).
template <class F>
int with_account(const call& c, F work) {
  return with_store(c, [&](store& s) {
    auto found = find_account(s, c.words[0]);
    return found ? work(s, *found) : complain(found.error());
  });
}

} // namespace hamlet::node
