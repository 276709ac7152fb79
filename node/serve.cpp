// SPDX-License-Identifier: Apache-2.0
#include "lib/config/load.hpp"
#include "lib/log/log.hpp"
#include "node/command.hpp"
#include "node/revocations.hpp"
#include "node/server.hpp"
#include "node/store.hpp"

#include <csignal>
#include <fstream>
#include <iostream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hamlet::node {

namespace {

/// Each client is a descriptor, and Debian's default of 1024 is for programs with few files.
void raise_descriptor_limit() {
  rlimit bound{};
  if (::getrlimit(RLIMIT_NOFILE, &bound) == 0) {
    bound.rlim_cur = bound.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &bound);
  }
}

sigset_t wanted_signals() {
  sigset_t all;
  sigemptyset(&all);
  for (auto x : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&all, x);
  return all;
}

log::options log_options_of(const config::settings& x) {
  return {x.log.level.value, x.log.format.value, x.log.file.value};
}

void reload(server& running, const std::string& file) {
  if (auto reopened = log::reopen(); !reopened)
    log::error("node", "log not opened again", {{"why", reopened.error().detail}});
  if (file.empty())
    return running.reload({});
  auto fresh = config::load_file(file);
  if (!fresh) {
    for (auto& line : fresh.error())
      log::error("node", "the old settings stay", {{"why", line}});
    return;
  }
  log::set_level(fresh->log.level.value);
  running.reload(*fresh);
}

/// The same program with the same arguments in this process: it keeps its number, and the
/// descriptors are closed on the way.
void begin_anew() {
  std::ifstream words{"/proc/self/cmdline", std::ios::binary};
  std::vector<std::string> all;
  for (std::string word; std::getline(words, word, '\0');)
    all.push_back(word);
  std::vector<char*> argv;
  for (auto& word : all)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv("/proc/self/exe", argv.data());
  log::error("node", "cannot start again", {{"errno", errno}});
}

/// Did this end because the certificate of the node was revoked? Not if it has another one by now.
bool was_revoked(const config::settings& x) {
  return x.cluster.node.value != 0 && is_revoked(pki::folder{data_layout{x}.cluster()});
}

int complain_revoked() {
  std::cerr << "hamlet: the certificate of this node was revoked; `hamlet cluster join` gets "
               "another one\n";
  return exit_revoked;
}

int serve(const call& c) {
  // Before any thread starts, so that all inherit it and only sigwait() gets it.
  auto signals = wanted_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  ::umask(077);
  raise_descriptor_limit();
  if (auto opened = log::open(log_options_of(c.settings)); !opened)
    return complain(opened.error());
  if (auto locked = lock_folder(c.settings); !locked)
    return complain(locked.error());
  auto running = server::start(c.settings);
  if (!running) {
    if (!c.settings.log.file.value.empty())
      log::error("node", "not started", {{"why", running.error().detail}});
    return was_revoked(c.settings) ? complain_revoked() : complain(running.error());
  }
  for (auto& door : (*running)->doors())
    log::info("node", "listening",
              {{"service", door.service}, {"address", door.address}, {"port", door.port}});
  log::info("node", "ready", {{"data", c.settings.node.data_folder.value}});
  for (int caught = 0; caught != SIGTERM && caught != SIGINT;) {
    sigwait(&signals, &caught);
    if (caught == SIGHUP)
      // A server that began without a file may have got one since.
      reload(**running, c.settings_file.empty() ? default_settings_file() : c.settings_file);
  }
  log::info("node", "stopping");
  (*running)->stop();
  log::info("node", "stopped");
  if ((*running)->wants_restart())
    begin_anew();
  if (!(*running)->has_died())
    return EXIT_SUCCESS;
  // Who watches us starts us again after a failure.
  return was_revoked(c.settings) ? complain_revoked() : EXIT_FAILURE;
}

int version(const call&) {
  std::cout << "hamlet " HAMLET_VERSION "\n";
  return EXIT_SUCCESS;
}

constexpr command commands[] = {
  {"serve", "", 0, 0, "", "Runs the server until SIGTERM.", serve},
  {"version", "", 0, 0, "", "Prints the version.", version},
};

} // namespace

std::span<const command> serve_commands() {
  return commands;
}

} // namespace hamlet::node
