// SPDX-License-Identifier: Apache-2.0
#pragma once

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

} // namespace hamlet::node
