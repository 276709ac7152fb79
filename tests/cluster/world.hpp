// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/cluster/process.hpp"

#include <cstdarg>
#include <string>

namespace hamlet::simulation {

/// What happens to a world.
enum class fate : std::uint8_t {
  one_kill, ///< one process dies: nobody else notices more than a delay
  restarts, ///< each node is drained and started again: nobody notices anything
  outage,   ///< the store is away for a while, once or twice: nobody is called dead
  anything, ///< crashes, freezes, cuts, outages, drains, several at a time
};

struct options {
  std::uint64_t seed = 0;
  bool trace = false;
  // For figures: a cluster of this size in which one node dies and stays away.
  std::size_t nodes = 0;      ///< 0: by the seed
  std::int32_t mailboxes = 0; ///< how many shards
  bool is_power_cut = false;
};

/// What came of it.
struct verdict {
  std::vector<std::string> faults; ///< rules that were broken
  std::int64_t acknowledged = 0;
  std::int64_t said = 0;
  std::int64_t later = 0; ///< commands given up after their patience
  std::int64_t deaths = 0;
  std::int64_t events = 0; ///< injected faults
  std::int64_t owners = 0; ///< changes of owner
  std::int64_t lost_lines = 0;
  moment longest = 0;          ///< that a client waited for a yes
  moment recovered_after = 0;  ///< a death: until the last of its shards was open
  std::int64_t reopened = 0;   ///< shards that had to be opened for it
  std::int64_t view_reads = 0; ///< by all nodes, for it
  std::int64_t changes = 0;    ///< views that there were, for it
};

/// A cluster, its network, its store, its clients and its bad luck, all from one seed.
class world {
public:
  explicit world(options what);
  ~world();

  verdict run();

  // For processes.
  schedule& time() { return time_; }
  dice& luck() { return dice_; }
  store_model& store() { return store_; }
  const settings& rules() const { return rules_; }
  instant clock_of(int machine) const;
  moment when(int machine, instant at) const;
  void in(int machine, std::int64_t number, std::function<void(process&)> what);
  void later(int machine, std::int64_t number, instant wait, std::function<void(process&)> what);
  void send(int from, int to, std::function<void(process&)> what);
  void to_store(int from, std::function<std::function<void(process&)>()> what, std::int64_t number);
  void look(int from, std::int64_t number, incarnation peer,
            std::function<void(process&, reach)> found);
  int machine_of(incarnation x) const;
  void joined(int machine, incarnation x) { machine_of_[x] = machine; }
  void ended(int machine);
  void declared(incarnation peer, moment now);
  void opened(const reign& of, incarnation who);
  void archive(int machine, incarnation who, const std::map<shard_id, replica>& logs);
  void fault(std::string what);
  void view_read() { ++view_reads_; }
  void lost_line() { ++result_.lost_lines; }
  bool tracing() const { return what_.trace; }
  void trace(int machine, const char* format, ...) __attribute__((format(printf, 3, 4)));

private:
  struct host {
    std::unique_ptr<process> runs;
    std::int64_t number = 0;
    bool is_frozen = false;
    bool has_power = true;
    std::deque<std::pair<std::int64_t, std::function<void(process&)>>> backlog;
    double speed = 1;
    std::int64_t offset = 0;
    moment excused_until = 0; ///< something was done to it: it may be called dead
    bool may_start = true;
  };
  struct client {
    int at = 0;
    command doing;
    int number = 0;
    moment since = 0;
    bool is_busy = false;
    std::uint64_t turn = 0;
    std::int64_t counted = 0; ///< what was acknowledged when a count began
    struct yes {
      command to;
      incarnation by;
      std::int64_t value;
    };
    std::vector<yes> done;
  };

  // nemesis.cpp
  void plan_fate();
  void one_dies_for_good();
  void one_fault(moment at);
  void start(int m);
  void crash(int m, bool power);
  void freeze(int m, moment until);
  void thaw(int m);
  void cut(int a, int b, bool both);
  void excuse(int m, moment until);
  void heal();
  void drain(int m);
  void gone(int m, incarnation who);

  // clients.cpp
  void client_turn(std::size_t c);
  void client_asks(std::size_t c);
  void client_hears(std::size_t c, std::uint64_t turn, reply x);
  void clients_leave(int m);
  const process* process_of(incarnation x) const;
  void check_end();
  void check_mail();
  void check_channels();

  int nodes() const { return static_cast<int>(machines_.size()); }
  bool is_cut(int from, int to) const {
    return cuts_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
  }
  moment delay();
  int store_number() const { return nodes(); }

  const options what_;
  fate fate_ = fate::anything;
  settings rules_;
  schedule time_;
  dice dice_;
  std::vector<host> machines_;
  std::int32_t mailbox_count_;
  std::int32_t channel_count_;
  store_model store_;
  bool is_store_down_ = false;
  int loss_ = 0; ///< of a thousand messages
  int slow_ = 0;
  bool is_lossy_ = false;               ///< at any time
  std::vector<std::vector<bool>> cuts_; ///< the last is the store
  std::map<incarnation, int> machine_of_;
  std::map<incarnation, std::map<shard_id, std::vector<line>>> archived_;
  std::map<reign, incarnation> openers_;
  std::vector<client> clients_;
  std::map<shard_id, std::int64_t> acknowledged_;
  std::int64_t last_process_ = 0;
  moment died_at_ = 0; ///< for figures
  std::int64_t version_at_death_ = 0;
  std::int64_t view_reads_ = 0;
  std::set<reign> orphans_; ///< what the dead node had
  bool is_over_ = false;
  verdict result_;
};

/// A transaction: its words may be lost on the way there, or its answer on the way back.
template <class T>
void process::store(T run, std::function<void(process&, decltype(run()))> done) {
  w_.to_store(
    machine_,
    [run, done]() -> std::function<void(process&)> {
      auto said = run();
      return [done, said](process& p) { done(p, said); };
    },
    number_);
}

} // namespace hamlet::simulation
