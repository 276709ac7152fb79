// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/connection.hpp"

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace hamlet::bench {

/// `PORT,PORT…`
inline std::vector<std::uint16_t> ports_of(const char* text) {
  std::vector<std::uint16_t> found;
  for (char* end = nullptr;; text = end + 1) {
    found.push_back(static_cast<std::uint16_t>(std::strtoul(text, &end, 10)));
    if (*end != ',')
      return found;
  }
}

/// What the command line asks for: `MODE NAME VALUE NAME VALUE…`. Not all modes use all.
struct options {
  std::string mode;
  std::vector<std::uint16_t> ports; ///< of as many nodes: the clients go to each in turn
  std::uint16_t pop3_port = 0;      ///< smtp: also wait until POP3 counts all that was acknowledged
  std::size_t connections = 1;
  std::size_t accounts = 100; ///< user0@here.test and so on, password "secret"
  std::size_t count = 0;      ///< stop after so many messages or sessions, else …
  double seconds = 3;         ///< … after so long
  std::size_t size = 4096;    ///< of a message
  bool pipelining = false;
  std::size_t retrieve = 0; ///< RETRs in a session
  bool remove = false;      ///< DELE after each of them
  bool tls = false;         ///< idle: from the first byte
  std::string hello;        ///< idle: what is said after the greeting
  std::string file;         ///< disk: to append to

  /// Where the client of this number goes.
  std::uint16_t port(std::size_t client = 0) const { return ports[client % ports.size()]; }

  static options read(int argc, char** argv) {
    options x;
    auto number = [](const char* text) { return std::strtoul(text, nullptr, 10); };
    const std::map<std::string, std::function<void(const char*)>> set = {
      {"port", [&](auto* v) { x.ports = ports_of(v); }},
      {"pop3_port", [&](auto* v) { x.pop3_port = static_cast<std::uint16_t>(number(v)); }},
      {"connections", [&](auto* v) { x.connections = number(v); }},
      {"accounts", [&](auto* v) { x.accounts = number(v); }},
      {"count", [&](auto* v) { x.count = number(v); }},
      {"seconds", [&](auto* v) { x.seconds = std::strtod(v, nullptr); }},
      {"size", [&](auto* v) { x.size = number(v); }},
      {"pipelining", [&](auto* v) { x.pipelining = number(v) != 0; }},
      {"retrieve", [&](auto* v) { x.retrieve = number(v); }},
      {"remove", [&](auto* v) { x.remove = number(v) != 0; }},
      {"tls", [&](auto* v) { x.tls = number(v) != 0; }},
      {"hello", [&](auto* v) { x.hello = v; }},
      {"file", [&](auto* v) { x.file = v; }},
    };
    if (argc > 1)
      x.mode = argv[1];
    for (int i = 2; i + 1 < argc; i += 2) {
      auto found = set.find(argv[i]);
      if (found == set.end())
        give_up("no such option", argv[i]);
      found->second(argv[i + 1]);
    }
    return x;
  }
};

} // namespace hamlet::bench
