// SPDX-License-Identifier: Apache-2.0
// hamlet_config_manual > docs/config.md
#include "lib/config/describe.hpp"

#include <iostream>

int main() {
  std::cout << hamlet::config::manual();
}
